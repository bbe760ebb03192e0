using System.ComponentModel.DataAnnotations;
using Rnn.Engine.Models;

namespace Rnn.Api;

/// <summary>Where the models are, who changes what is served of them, and which version is meant if none is named.</summary>
public sealed class ModelOptions : IValidatableObject
{
    /// <summary>The folder of the model folders; a relative path starts at the program's own folder.</summary>
    [Required]
    public string Path { get; init; } = "models";

    /// <summary>Who changes what is served while it is.</summary>
    [EnumDataType(typeof(ModelControl))]
    public ModelControl Control { get; init; } = ModelControl.None;

    /// <summary>How often the folder is looked at if it is followed. A change is taken once two looks have seen it alike.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>By name: the version, or the label of one, of calls that name none; the highest otherwise.</summary>
    public Dictionary<string, string> Defaults { get; init; } = [];

    /// <summary>By name and label: a version, which <c>name@label</c> means.</summary>
    public Dictionary<string, Dictionary<string, int>> Labels { get; init; } = [];

    /// <summary>By name and version: which share of stateless calls and new sessions gets it, if they name none; 0 to 1.</summary>
    public Dictionary<string, Dictionary<int, double>> Canary { get; init; } = [];

    /// <summary>The folder as an absolute path.</summary>
    public string FullPath => System.IO.Path.Combine(AppContext.BaseDirectory, Path);

    /// <summary>Which version is meant.</summary>
    public VersionRules Rules => new() { Defaults = Defaults, Labels = Labels, Canary = Canary };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Rules.Faults().Select(fault => new ValidationResult(fault));
}
