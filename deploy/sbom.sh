#!/usr/bin/env bash
# Writes the software bill of materials of the server, in CycloneDX's JSON: each package with version, licence and hash. It tells what was
# restored last, and asks no server. What comes with the base image, .NET itself too, is not in it.
#
#   deploy/sbom.sh [FILE]     by default rnn.cdx.json
set -euo pipefail
file=$(realpath -m "${1:-rnn.cdx.json}")
cd "$(dirname "$0")/.."

dotnet tool restore > /dev/null
version=$(dotnet msbuild src/Api -getProperty:Version)
dotnet tool run dotnet-CycloneDX src/Api/Api.csproj --disable-package-restore --no-serial-number --set-name Rnn --set-version "$version" \
  --output-format Json --output "$(dirname "$file")" --filename "$(basename "$file")" > /dev/null

# A list that leaves out what we ask for by name would be worse than none.
for package in $(sed -n '/PrivateAssets/!s/.*<PackageReference Include="\([^"]*\)".*/\1/p' src/Api/Api.csproj src/Engine/Engine.csproj); do
  grep -q "\"name\": \"$package\"" "$file" || { echo "$file does not name $package." >&2; exit 1; }
done
echo "$file: Rnn $version and $(grep -c '"purl"' "$file") packages"
