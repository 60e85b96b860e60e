using System.Globalization;
using System.Text;

namespace Vallum.Manifests.Parsing;

/// <summary>Where in an object we are: "spec.ingress[0].peers[1].ipBlock.cidr". The text is only made when something is wrong there.</summary>
internal sealed class FieldPath
{
    public static readonly FieldPath Root = new(null, "");

    private readonly FieldPath? _parent;
    private readonly string _step;

    private FieldPath(FieldPath? parent, string step)
    {
        _parent = parent;
        _step = step;
    }

    public FieldPath this[int index] => new(this, string.Create(CultureInfo.InvariantCulture, $"[{index}]"));

    /// <summary>A field, or several steps already joined: "spec.selector".</summary>
    public FieldPath Field(string jsonName) => new(this, ReferenceEquals(this, Root) ? jsonName : $".{jsonName}");

    /// <summary>An entry of a map: metadata.labels["app"].</summary>
    public FieldPath Key(string key) => new(this, $"[\"{Quoted.Shorten(key)}\"]");

    public override string ToString()
    {
        if (_parent is null)
        {
            return _step;
        }

        var text = new StringBuilder();
        Append(text);
        return text.ToString();
    }

    private void Append(StringBuilder text)
    {
        _parent?.Append(text);
        text.Append(_step);
    }
}
