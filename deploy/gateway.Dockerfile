# The image of a gateway: `docker compose build police`.
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
WORKDIR /source
COPY . .
RUN dotnet restore src/ReferralHub.Gateway --locked-mode \
 && dotnet publish src/ReferralHub.Gateway --configuration Release --no-restore --output /published

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble
COPY --from=build /published /usr/lib/referral-gateway
ENV PATH=/usr/lib/referral-gateway:$PATH
# A new volume is a copy of it, with its owner and its mode.
RUN install -d -o 1654 -g 1654 -m 0700 /var/lib/referral-gateway
USER 1654:1654
