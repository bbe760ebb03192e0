using System.Diagnostics;

namespace Rnn.Api.Tests.Faults;

/// <summary>A file system of a few megabytes, to be full, or read-only. Only those who may mount have one.</summary>
sealed class SmallDisk : IDisposable
{
    const int HalfPage = 2_048;

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-disk-");
    readonly string[] _sudo;

    SmallDisk(string[] sudo) => _sudo = sudo;

    /// <summary>Where it is.</summary>
    public string Path => _folder.FullName;

    string FillerPath => System.IO.Path.Combine(Path, "filler");

    /// <summary>Makes one; skips the test where that is not allowed.</summary>
    /// <param name="megabytes">Its size.</param>
    public static SmallDisk Mount(int megabytes = 8)
    {
        foreach (var sudo in new string[][] { [], ["sudo", "-n"] })
        {
            var disk = new SmallDisk(sudo);
            if (disk.TryRun("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=1777", "rnn-tests", disk.Path))
            {
                return disk;
            }

            disk._folder.Delete();
        }

        Assert.Skip("Mounting a small file system is not permitted here.");
        throw new UnreachableException();
    }

    /// <summary>Leaves no room for another page.</summary>
    public void Fill()
    {
        using var filler = new FileStream(FillerPath, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[HalfPage];
        try
        {
            while (true)
            {
                filler.Write(block);
            }
        }
        catch (IOException)
        {
            // There is no space left on the device: full.
        }
    }

    /// <summary>Makes room again.</summary>
    public void Free() => File.Delete(FillerPath);

    /// <summary>Lets nothing be written any more.</summary>
    public void MakeReadOnly() => Assert.True(TryRun("mount", "-o", "remount,ro", Path), "The file system is in use.");

    public void Dispose()
    {
        TryRun("umount", "--lazy", Path);
        _folder.Delete();
    }

    bool TryRun(params string[] command)
    {
        string[] whole = [.. _sudo, .. command];
        try
        {
            using var process = Process.Start(new ProcessStartInfo(whole[0], whole[1..]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;                                    // there is no such program
        }
    }
}
