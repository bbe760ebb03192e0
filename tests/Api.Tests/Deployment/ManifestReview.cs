using k8s.Models;

namespace Rnn.Api.Tests.Deployment;

/// <summary>What is wrong with manifests that are valid by themselves: between them, and between them and the server.</summary>
static class ManifestReview
{
    public static IReadOnlyList<string> FaultsOf(Manifests manifests, ServerFacts server) =>
    [
        .. Selectors(manifests), .. Names(manifests), .. Targets(manifests, server),
        .. manifests.Workloads.SelectMany(Security), .. manifests.Workloads.SelectMany(Volumes),
        .. manifests.Workloads.Where(pods => pods.Workload == "rnn").SelectMany(pods => Probes(pods, server).Concat(Stop(pods, server)).Concat(Settings(pods))),
    ];

    static IEnumerable<string> Selectors(Manifests manifests)
    {
        var selectors = manifests.All<V1Service>().Select(service => ($"Service/{service.Metadata.Name}", service.Spec.Selector))
            .Concat(manifests.All<V1PodDisruptionBudget>().Select(budget => ($"PodDisruptionBudget/{budget.Metadata.Name}", budget.Spec.Selector.MatchLabels)))
            .Concat(manifests.All<V1NetworkPolicy>().Select(policy => ($"NetworkPolicy/{policy.Metadata.Name}", policy.Spec.PodSelector.MatchLabels)))
            .Concat(manifests.All<V1NetworkPolicy>().SelectMany(policy => Peers(policy).Where(peer => peer.PodSelector is not null)
                .Select(peer => ($"NetworkPolicy/{policy.Metadata.Name}", peer.PodSelector.MatchLabels))))
            .Concat(manifests.Workloads.SelectMany(pods => pods.Parts.SelectMany(part => part.Spec.TopologySpreadConstraints ?? [])
                .Select(spread => ($"topologySpreadConstraints of {pods.Workload}", spread.LabelSelector.MatchLabels))));
        foreach (var (name, selector) in selectors.Where(selector => !manifests.Workloads.Any(pods => pods.AreTaken(selector.Item2))))
        {
            yield return $"{name} selects no pod: {string.Join(", ", selector)}";
        }

        foreach (var deployment in manifests.All<V1Deployment>().Where(deployment => deployment.Spec.Selector is { } own
            && !manifests.Workloads.Single(pods => pods.Workload == deployment.Metadata.Name).AreTaken(own.MatchLabels)))
        {
            yield return $"Deployment/{deployment.Metadata.Name} selects other pods than its own";
        }
    }

    static IEnumerable<V1NetworkPolicyPeer> Peers(V1NetworkPolicy policy) =>
        (policy.Spec.Ingress ?? []).SelectMany(rule => rule.FromProperty ?? []).Concat((policy.Spec.Egress ?? []).SelectMany(rule => rule.To ?? []));

    static IEnumerable<string> Names(Manifests manifests)
    {
        foreach (var service in manifests.All<V1Service>())
        {
            foreach (var port in service.Spec.Ports.Where(port => !TakenBy(service.Spec.Selector).Any(pods => pods.HasPort(port.TargetPort.Value))))
            {
                yield return $"Service/{service.Metadata.Name} leads to a port '{port.TargetPort.Value}' that no container has";
            }
        }

        foreach (var policy in manifests.All<V1NetworkPolicy>())
        {
            foreach (var port in (policy.Spec.Ingress ?? []).SelectMany(rule => rule.Ports ?? [])
                .Where(port => !TakenBy(policy.Spec.PodSelector.MatchLabels).Any(pods => pods.HasPort(port.Port.Value))))
            {
                yield return $"NetworkPolicy/{policy.Metadata.Name} opens a port '{port.Port.Value}' that no container has";
            }
        }

        IEnumerable<Pods> TakenBy(IDictionary<string, string> selector) => manifests.Workloads.Where(pods => pods.AreTaken(selector));
    }

    static IEnumerable<string> Targets(Manifests manifests, ServerFacts server)
    {
        foreach (var scaler in manifests.All<V2HorizontalPodAutoscaler>())
        {
            if (!manifests.All<V1Deployment>().Any(deployment => deployment.Metadata.Name == scaler.Spec.ScaleTargetRef.Name))
            {
                yield return $"HorizontalPodAutoscaler/{scaler.Metadata.Name} scales '{scaler.Spec.ScaleTargetRef.Name}', which there is not";
            }

            foreach (var metric in scaler.Spec.Metrics.Where(metric => metric.Pods is not null).Select(metric => metric.Pods.Metric.Name).Where(metric => !server.Metrics.Contains(metric)))
            {
                yield return $"HorizontalPodAutoscaler/{scaler.Metadata.Name} asks for '{metric}', which no server tells";
            }
        }
    }

    static IEnumerable<string> Security(Pods pods)
    {
        var context = pods.Parts.Select(part => part.Spec.SecurityContext).OfType<V1PodSecurityContext>().SingleOrDefault();
        if (context is not { RunAsNonRoot: true, RunAsUser: > 0, SeccompProfile.Type: "RuntimeDefault" } || (pods.Workload == "rnn" && context.RunAsUser != ServerFacts.User))
        {
            yield return $"{pods.Workload} does not run as a user of its own, or not under the runtime's seccomp profile";
        }

        if (pods.Parts.All(part => part.Spec.AutomountServiceAccountToken is not false))
        {
            yield return $"{pods.Workload} has a token of the cluster's";
        }

        foreach (var container in pods.Containers.GroupBy(container => container.Name))
        {
            if (!container.Any(part => part.SecurityContext is { AllowPrivilegeEscalation: false, ReadOnlyRootFilesystem: true } own && own.Capabilities?.Drop?.Contains("ALL") == true))
            {
                yield return $"{pods.Workload}/{container.Key} may gain privileges, or write to its image";
            }

            if (!container.Any(part => part.Resources?.Limits?.ContainsKey("memory") == true && part.Resources.Requests?.ContainsKey("cpu") == true))
            {
                yield return $"{pods.Workload}/{container.Key} has no limit of memory, or asks for no processor";
            }
        }
    }

    static IEnumerable<string> Volumes(Pods pods)
    {
        var volumes = pods.Parts.SelectMany(part => part.Spec.Volumes ?? []).Select(volume => volume.Name).Append("data");     // a claim's template
        return pods.Containers.SelectMany(container => container.VolumeMounts ?? []).Select(mount => mount.Name).Except(volumes)
            .Select(name => $"{pods.Workload} mounts '{name}', which is no volume");
    }

    static IEnumerable<string> Probes(Pods pods, ServerFacts server)
    {
        var probes = pods.Containers.SelectMany(container => new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe }).Select(probe => probe?.HttpGet).OfType<V1HTTPGetAction>().ToList();
        if (probes.Count != 3)
        {
            yield return "rnn has not the three probes";
        }

        var management = pods.Settings.Where(setting => setting.Key == "Server:ManagementPort").Select(setting => setting.Value).ToList();
        foreach (var probe in probes)
        {
            if (!server.IsHealthPath(probe.Path))
            {
                yield return $"A probe asks for '{probe.Path}', where the server tells no health";
            }

            if (!management.Contains($"{pods.Ports.FirstOrDefault(port => port.Name == probe.Port.Value)?.ContainerPort}"))
            {
                yield return $"A probe asks at port '{probe.Port.Value}', which is not the management's: on others clients may have all connections";
            }
        }

        var expected = ServerFacts.Ports.Select(port => $"{port}").Concat(management);
        if (!pods.Ports.Select(port => $"{port.ContainerPort}").SequenceEqual(expected))
        {
            yield return $"rnn's ports are not {string.Join(", ", expected)}, where the server listens";
        }
    }

    static IEnumerable<string> Stop(Pods pods, ServerFacts server)
    {
        var grace = pods.Parts.Max(part => part.Spec.TerminationGracePeriodSeconds) ?? 0;
        var sleep = pods.Containers.Max(container => container.Lifecycle?.PreStop?.Sleep?.Seconds) ?? 0;
        if (sleep == 0 || grace <= sleep + server.ShutdownTimeout.TotalSeconds)
        {
            yield return $"rnn is killed {grace} s after it was to stop, {sleep} s of which it sleeps and {server.ShutdownTimeout.TotalSeconds} s of which it may need";
        }
    }

    static IEnumerable<string> Settings(Pods pods) => pods.Settings.Where(setting => !ServerFacts.IsDocumented(setting.Key)).Select(setting => $"There is no setting '{setting.Key}'");
}
