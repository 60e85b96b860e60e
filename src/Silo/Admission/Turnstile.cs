namespace Vallum.Silo.Admission;

/// <summary>Lets in so many at once, and so many of each. Nobody waits in front of it.</summary>
internal sealed class Turnstile(int atOnce, int ofEach)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _inside = new(StringComparer.Ordinal);
    private int _count;

    /// <param name="who">Null: nobody in particular, of whom any number is let in.</param>
    public Entry TryEnter(string? who)
    {
        lock (_lock)
        {
            if (_count >= atOnce)
            {
                return Entry.Full;
            }

            if (who is not null)
            {
                var own = _inside.GetValueOrDefault(who);
                if (own >= ofEach)
                {
                    return Entry.TooManyOfOne;
                }

                _inside[who] = own + 1;
            }

            _count++;
            return Entry.Inside;
        }
    }

    /// <summary>Once for each that was let in.</summary>
    public void Leave(string? who)
    {
        lock (_lock)
        {
            _count--;
            if (who is null)
            {
                return;
            }

            if (_inside[who] == 1)
            {
                _inside.Remove(who);
            }
            else
            {
                _inside[who]--;
            }
        }
    }
}

internal enum Entry
{
    Inside,

    /// <summary>As many as there may be are inside.</summary>
    Full,

    /// <summary>As many of this one as there may be are inside.</summary>
    TooManyOfOne,
}
