# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
# true adds ONNX Runtime, for models with "runtime": "onnxruntime".
ARG ONNXRUNTIME=false
WORKDIR /source

# The packages first: they change less often than the code.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY .config .config
COPY src/Engine/Engine.csproj src/Engine/
COPY src/OnnxRuntime/OnnxRuntime.csproj src/OnnxRuntime/
COPY src/Api/Api.csproj src/Api/
RUN dotnet tool restore && dotnet restore src/Api -a $TARGETARCH -p:OnnxRuntime=$ONNXRUNTIME

COPY .editorconfig ./
COPY src src
COPY models models
COPY deploy/sbom.sh deploy/
RUN dotnet publish src/Api --no-restore -p:OnnxRuntime=$ONNXRUNTIME -c Release -a $TARGETARCH --self-contained false -o /app \
    && deploy/sbom.sh /app/sbom.cdx.json && mkdir /data

# No shell, no package manager, and a user that is not root.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .
# Where a volume for sessions goes, with Store__Kind=Sqlite.
COPY --from=build --chown=$APP_UID:$APP_UID /data /data
# gRPC over plain text has a port of its own (docs/open-inference-grpc.md).
ENV DOTNET_EnableDiagnostics=0 Store__Path=/data/sessions.db Server__GrpcPort=8081
EXPOSE 8080 8081
USER $APP_UID
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["dotnet", "Rnn.Api.dll", "health"]
ENTRYPOINT ["dotnet", "Rnn.Api.dll"]
