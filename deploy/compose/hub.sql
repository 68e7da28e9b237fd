-- The hub's role has no password: it comes with a certificate. It makes its tables itself.
CREATE ROLE referralhub LOGIN;
CREATE DATABASE referralhub OWNER referralhub;
REVOKE CONNECT ON DATABASE referralhub FROM PUBLIC;
