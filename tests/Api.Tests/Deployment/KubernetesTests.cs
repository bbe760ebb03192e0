using k8s.Models;
using YamlDotNet.Core;

namespace Rnn.Api.Tests.Deployment;

/// <summary>The manifests in deploy/kubernetes, held against Kubernetes' own types and against a running server.</summary>
public sealed class KubernetesTests(ServerFacts server) : IClassFixture<ServerFacts>
{
    [Theory]
    [InlineData("valkey", 11)]
    [InlineData("sqlite", 6)]
    public void The_manifests_are_valid_and_fit_each_other_and_the_server(string overlay, int objects)
    {
        var manifests = new Manifests(overlay);

        Assert.Empty(ManifestReview.FaultsOf(manifests, server));
        Assert.Equal(objects, manifests.Count);
    }

    [Theory]
    [InlineData("minReplicas:", "minReplicaz:", "minReplicaz")]
    [InlineData("runAsNonRoot: true", "runAsNonRoot: perhaps", "perhaps")]
    [InlineData("readOnlyRootFilesystem: true", "readonlyRootFilesystem: true", "readonlyRootFilesystem")]
    public void A_field_that_Kubernetes_does_not_know_is_refused(string old, string with, string told) =>
        Assert.Contains(told, Assert.ThrowsAny<YamlException>(() => new Manifests("valkey", text => text.Replace(old, with, StringComparison.Ordinal))).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("selector: { app.kubernetes.io/name: rnn }", "selector: { app: rnn }", "Service/rnn selects no pod")]
    [InlineData("matchLabels: { app.kubernetes.io/name: rnn }", "matchLabels: { app: rnn }", "PodDisruptionBudget/rnn selects no pod")]
    [InlineData("matchLabels: { app.kubernetes.io/name: rnn }", "matchLabels: { app: rnn }", "Deployment/rnn selects other pods than its own")]
    [InlineData("targetPort: grpc", "targetPort: rpc", "leads to a port 'rpc'")]
    [InlineData("{ port: management, ", "{ port: admin, ", "opens a port 'admin'")]
    [InlineData("path: /health/ready", "path: /ready", "A probe asks for '/ready'")]
    [InlineData("path: /health/live, port: management", "path: /health/live, port: http", "A probe asks at port 'http'")]
    [InlineData("containerPort: 8081", "containerPort: 8181", "rnn's ports are not 8080, 8081, 8082")]
    [InlineData("          startupProbe:\n            httpGet: { path: /health/live, port: management }\n", "          startupProbe:\n", "rnn has not the three probes")]
    [InlineData("terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 35", "rnn is killed 35 s after")]
    [InlineData("sleep: { seconds: 5 }", "exec: { command: [sleep, \"5\"] }", "0 s of which it sleeps")]
    [InlineData("Server__ManagementPort", "Server__ManagmentPort", "There is no setting 'Server:ManagmentPort'")]
    [InlineData("Store__Kind", "Stor__Kind", "There is no setting 'Stor:Kind'")]
    [InlineData("name: rnn_queue_size", "name: rnn_queue_depth", "asks for 'rnn_queue_depth'")]
    [InlineData("kind: Deployment, name: rnn }", "kind: Deployment, name: rnn2 }", "scales 'rnn2'")]
    [InlineData("runAsUser: 1654", "runAsUser: 0", "rnn does not run as a user of its own")]
    [InlineData("runAsNonRoot: true", "runAsNonRoot: false", "valkey does not run as a user of its own")]
    [InlineData("drop: [ALL]", "drop: [NET_RAW]", "rnn/rnn may gain privileges")]
    [InlineData("limits: { memory: 1Gi }", "limits: { cpu: \"1\" }", "rnn/rnn has no limit of memory")]
    [InlineData("automountServiceAccountToken: false", "automountServiceAccountToken: true", "rnn has a token")]
    [InlineData("{ name: tmp, mountPath", "{ name: temp, mountPath", "rnn mounts 'temp'")]
    public void A_manifest_that_would_do_something_else_is_noticed(string old, string with, string told)
    {
        var manifests = new Manifests("valkey", text => text.Replace(old, with, StringComparison.Ordinal));

        Assert.Contains(ManifestReview.FaultsOf(manifests, server), fault => fault.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void The_adapter_tells_what_the_autoscaler_asks_for()
    {
        var rule = RepositoryFiles.Yaml("deploy/kubernetes/monitoring/prometheus-adapter.yaml")["rules"]["custom"][0];
        var asked = new Manifests("valkey").All<V2HorizontalPodAutoscaler>().Single().Spec.Metrics.Single(metric => metric.Pods is not null).Pods.Metric.Name;

        Assert.Equal(asked, rule["name"]["as"].ToString());
        Assert.StartsWith($"{asked}{{", rule["seriesQuery"].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("valkey")]
    [InlineData("sqlite")]
    public async Task The_server_starts_with_the_settings_of_each(string overlay)
    {
        var settings = new Manifests(overlay).Workloads.Single(pods => pods.Workload == "rnn").Settings;

        await DeployedSettings.StartAsync(settings);
        await Assert.ThrowsAnyAsync<Exception>(() => DeployedSettings.StartAsync([.. settings, new("Store:Knd", "Redis")]));
        await Assert.ThrowsAnyAsync<Exception>(() => DeployedSettings.StartAsync([.. settings, new("Server:ManagementPort", "0")]));
    }
}
