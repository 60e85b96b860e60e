namespace Vallum.Silo.Distribution.Owners;

/// <summary>References to grains of one interface. A factory reads attributes each time that it is asked by interface; this asks it once.</summary>
internal sealed class GrainsOf<TGrain>(IGrainFactory grains)
    where TGrain : IGrainWithStringKey
{
    private readonly Lazy<(GrainType Type, GrainInterfaceType Interface)> _kind = new(() =>
    {
        var any = (GrainReference)(object)grains.GetGrain<TGrain>("any");
        return (any.GrainId.Type, any.InterfaceType);
    });

    public TGrain this[string key] => (TGrain)grains.GetGrain(GrainId.Create(_kind.Value.Type, key), _kind.Value.Interface);
}
