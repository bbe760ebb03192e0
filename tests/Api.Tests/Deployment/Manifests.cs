using k8s;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace Rnn.Api.Tests.Deployment;

/// <summary>What an overlay of deploy/kubernetes puts into a cluster: its objects, those of the base, and its patches as parts of what they patch.</summary>
sealed class Manifests
{
    readonly List<object> _objects = [];

    /// <summary>Reads an overlay with the API's own types, none of whose fields may be misspelt.</summary>
    /// <param name="overlay">Its folder's name.</param>
    /// <param name="edit">What to change of each file's text first.</param>
    public Manifests(string overlay, Func<string, string>? edit = null) => Read(RepositoryFiles.PathOf($"deploy/kubernetes/overlays/{overlay}"), edit ?? (text => text));

    /// <summary>The pods of each workload.</summary>
    public IReadOnlyList<Pods> Workloads =>
    [
        .. All<V1Deployment>().Select(workload => (workload.Metadata.Name, workload.Spec.Template))
            .Concat(All<V1StatefulSet>().Select(workload => (workload.Metadata.Name, workload.Spec.Template)))
            .GroupBy(workload => workload.Name, workload => workload.Template).Select(group => new Pods(group.Key, [.. group])),
    ];

    public int Count => _objects.Count;

    public IEnumerable<T> All<T>() => _objects.OfType<T>();

    void Read(string folder, Func<string, string> edit)
    {
        var kustomization = RepositoryFiles.Yaml(Path.Combine(folder, "kustomization.yaml"));
        var resources = ((YamlSequenceNode)kustomization["resources"]).Select(node => node.ToString());
        var patches = kustomization.Children.TryGetValue("patches", out var list) ? ((YamlSequenceNode)list).Select(node => node["path"].ToString()) : [];
        var named = resources.Concat(patches).Select(name => Path.GetFullPath(Path.Combine(folder, name))).ToList();
        Assert.Equal(
            Directory.GetFiles(folder, "*.yaml").Where(file => !file.EndsWith("kustomization.yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            named.Where(File.Exists).Order(StringComparer.Ordinal));
        foreach (var path in named)
        {
            if (Directory.Exists(path))
            {
                Read(path, edit);
            }
            else
            {
                _objects.AddRange(KubernetesYaml.LoadAllFromString(edit(File.ReadAllText(path)), typeMap: null, strict: true));
            }
        }
    }
}

/// <summary>The pods of a workload, as its manifest and the patches of it say.</summary>
sealed record Pods(string Workload, IReadOnlyList<V1PodTemplateSpec> Parts)
{
    public IReadOnlyDictionary<string, string> Labels => Parts.Select(part => part.Metadata?.Labels).OfType<IDictionary<string, string>>().SelectMany(labels => labels).ToDictionary();

    public IEnumerable<V1Container> Containers => Parts.SelectMany(part => part.Spec.Containers);

    public IEnumerable<V1ContainerPort> Ports => Containers.SelectMany(container => container.Ports ?? []);

    /// <summary>The settings of the server.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings =>
        [.. Containers.Where(container => container.Name == "rnn").SelectMany(container => container.Env ?? []).Select(variable => KeyValuePair.Create(variable.Name.Replace("__", ":", StringComparison.Ordinal), variable.Value))];

    public bool HasPort(string name) => Ports.Any(port => port.Name == name);

    /// <summary>Whether a selector takes them; an empty one takes all.</summary>
    public bool AreTaken(IEnumerable<KeyValuePair<string, string>>? selector) =>
        (selector ?? []).All(label => Labels.GetValueOrDefault(label.Key) == label.Value);
}
