using System.Globalization;
using Grpc.Core;

namespace Vallum.Load.Outages;

/// <summary>What writers met during outages, with the time of day as in the silos' logs, which it keeps beside it.</summary>
internal sealed class TryLog : IDisposable
{
    // A write takes milliseconds.
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(150);

    private readonly StreamWriter _text;
    private readonly string _folder;
    private readonly OutageSite _site;
    private readonly Lock _writing = new();

    private TryLog(string folder, OutageSite site)
    {
        (_folder, _site) = (folder, site);
        _text = new StreamWriter(Path.Combine(folder, "tries.log"));
    }

    public static TryLog Into(string folder, OutageSite site)
    {
        var log = new TryLog(Directory.CreateDirectory(folder).FullName, site);
        foreach (var (number, pulse) in site.PulseWriters.Index())
        {
            pulse.Tried = (silo, start, status) => log.Note(number, silo, start, status);
        }

        return log;
    }

    public void Note(string what) => Write(DateTime.UtcNow, what);

    public void Dispose()
    {
        foreach (var pulse in _site.PulseWriters)
        {
            pulse.Tried = null;
        }

        lock (_writing)
        {
            _text.Dispose();
        }

        foreach (var log in Directory.EnumerateFiles(_site.Cluster.Folder, "*.log"))
        {
            File.Copy(log, Path.Combine(_folder, Path.GetFileName(log)), overwrite: true);
        }
    }

    private void Note(int pulse, int silo, DateTime start, Status status)
    {
        var took = DateTime.UtcNow - start;
        if (took > Long || status.StatusCode != StatusCode.OK)
        {
            Write(start, string.Create(CultureInfo.InvariantCulture, $"pulse{pulse} at silo {silo}: {took.TotalSeconds:0.000} s, {status.StatusCode} {status.Detail}"));
        }
    }

    private void Write(DateTime at, string what)
    {
        lock (_writing)
        {
            // A try that was under way at the end comes too late.
            if (_text.BaseStream is not null)
            {
                _text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at:HH:mm:ss.fff} {what}"));
            }
        }
    }
}
