# Read by deploy/quickstart and tests/run, from the root of the checkout: sets `dotnet` to an SDK that global.json accepts, or says what to install.
# Compilers, tests and commands end before they could gain what instrumenting their code costs.
export DOTNET_TieredPGO=0
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
# The lock files pin every package by its hash. Asking whether the certificates of its signers were revoked since adds
# nothing to that, and takes minutes where their authorities cannot be reached.
export NUGET_CERT_REVOCATION_MODE="${NUGET_CERT_REVOCATION_MODE:-offline}"

dotnet=
broken=
for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:-}/dotnet" "${HOME:-}/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
  [ -x "$candidate" ] || continue
  if said=$("$candidate" --version 2>&1); then
    dotnet=$candidate
    break
  fi
  broken+=$'\n'"$candidate: $(head -n 3 <<<"$said")"
done
if [ -z "$dotnet" ]; then
  echo "ReferralHub needs the .NET 10 SDK, and no dotnet here has it (PATH, DOTNET_ROOT, ~/.dotnet, /usr/share/dotnet, /usr/lib/dotnet).$broken" >&2
  echo "Install it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again." >&2
  exit 2
fi
