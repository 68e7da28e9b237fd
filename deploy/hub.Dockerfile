# The image of the hub: `docker compose build hub`.
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
WORKDIR /source
COPY . .
RUN dotnet restore src/ReferralHub.Hub --locked-mode \
 && dotnet publish src/ReferralHub.Hub --configuration Release --no-restore --output /published

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble
# pg_dump and pg_restore, for `referralhub backup` and `restore`; 16 reads the database of 15.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-16 && rm -rf /var/lib/apt/lists/*
COPY --from=build /published /usr/lib/referralhub
ENV PATH=/usr/lib/referralhub:$PATH
# A new volume is a copy of it, with its owner and its mode.
RUN install -d -o 1654 -g 1654 -m 0700 /var/lib/referralhub
USER 1654:1654
