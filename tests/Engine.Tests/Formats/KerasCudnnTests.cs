using System.Text.Json;
using Rnn.Engine.Formats.Keras;

namespace Rnn.Engine.Tests.Formats;

public sealed class KerasCudnnTests
{
    /// <summary>
    /// Keras turns each gate k of a cuDNN kernel into k.T.reshape(k.shape, order="F"), and of a recurrent kernel into k.T. What numpy
    /// makes of 0, 1, 2... in that way is written out here for one unit pair of each gate.
    /// </summary>
    [Fact]
    public void Kernels_of_cuDNN_are_turned_as_Keras_turns_them()
    {
        const int Inputs = 3;
        const int Units = 2;
        KerasArray Counted(int rows) => new([rows, 3 * Units], [.. Enumerable.Range(0, rows * 3 * Units).Select(value => (float)value)]);
        var config = JsonSerializer.SerializeToElement(new { name = "gru", units = Units });
        var layer = new KerasLayer("test", "CuDNNGRU", config, Version: 2);
        KerasArray[] arrays = [Counted(Inputs), Counted(Units), new([6 * Units], [.. Enumerable.Range(0, 6 * Units).Select(value => (float)value)])];

        var tensors = new KerasRecurrent(layer, "gru").Tensors(arrays, "_l0").ToDictionary(tensor => tensor.Name, tensor => tensor.Values);

        // Of gate z of the kernel, [[0, 1], [6, 7], [12, 13]], unit 0 takes 0, 1, 6 of the inputs and unit 1 takes 7, 12, 13; r comes first here.
        Assert.Equal([2, 3, 8, 9, 14, 15, 0, 1, 6, 7, 12, 13, 4, 5, 10, 11, 16, 17], tensors["gru.weight_ih_l0"]);
        Assert.Equal([2, 3, 8, 9, 0, 1, 6, 7, 4, 5, 10, 11], tensors["gru.weight_hh_l0"]);
        Assert.Equal([2, 3, 0, 1, 4, 5], tensors["gru.bias_ih_l0"]);
        Assert.Equal([8, 9, 6, 7, 10, 11], tensors["gru.bias_hh_l0"]);
        Assert.True(((Manifests.GruManifest)new KerasRecurrent(layer, "gru").Manifest(arrays)).ResetAfter);
    }
}
