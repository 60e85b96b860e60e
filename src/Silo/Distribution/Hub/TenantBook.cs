namespace Vallum.Silo.Distribution.Hub;

/// <summary>The tenants that this silo follows. Guarded by the hub's lock.</summary>
internal sealed class TenantBook(TimeProvider time)
{
    private readonly Dictionary<string, TenantState> _tenants = [];
    private readonly HashSet<TenantState> _attention = [];

    public IReadOnlyCollection<TenantState> All => _tenants.Values;

    public TenantState? Find(string name) => _tenants.GetValueOrDefault(name);

    public TenantState Get(string name)
    {
        if (!_tenants.TryGetValue(name, out var tenant))
        {
            _tenants[name] = tenant = new TenantState(name) { IdleSince = time.GetTimestamp() };
            _attention.Add(tenant);
        }

        return tenant;
    }

    public void Remove(TenantState tenant)
    {
        tenant.IsDropped = true;
        _tenants.Remove(tenant.Name);
        _attention.Add(tenant);
    }

    /// <summary>The tenant's owner must be asked something else than it is being asked.</summary>
    public void Attend(TenantState tenant) => _attention.Add(tenant);

    /// <summary>To be told after each change of who needs the tenant.</summary>
    public void NoteNeed(TenantState tenant)
    {
        tenant.IdleSince = tenant.IsNeeded ? null : tenant.IdleSince ?? time.GetTimestamp();
        tenant.UnservedSince = tenant.Nodes.Count > 0 ? null : tenant.UnservedSince ?? time.GetTimestamp();
    }

    public IReadOnlyList<TenantState> TakeAttention()
    {
        if (_attention.Count == 0)
        {
            return [];
        }

        var taken = _attention.ToArray();
        _attention.Clear();
        return taken;
    }
}
