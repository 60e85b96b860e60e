using Vallum.Primitives;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// The rules of one policy and the tenants that have them compiled: one for a tenant's own policy, many for an operator's. They are one resource, so
/// while the tenants disagree (some have not yet seen the operator's change) publishing one's form would change what the others enforce.
/// </summary>
internal sealed class SharedRules
{
    // Those of a tenant's own policy have one user for ever, and they are nearly all; only an operator's have more.
    private (TenantState Tenant, Digest Form)? _only;
    private Dictionary<TenantState, Digest>? _latest;
    private Dictionary<Digest, int>? _forms;

    /// <summary>Tenants that have published them.</summary>
    public FewSet<TenantState> Holders { get; } = new();

    /// <summary>The cluster revision of the form that is published.</summary>
    public long ClusterRevision { get; set; }

    /// <summary>All tenants have, or are about to have, the same form.</summary>
    public bool IsAgreed => _forms is null or { Count: <= 1 };

    public bool IsUnused => _only is null && (_latest is null or { Count: 0 }) && Holders.Count == 0;

    /// <summary>What a tenant has, published or drafted; null: the rules are not among its resources.</summary>
    public void Note(TenantState tenant, Digest? form)
    {
        if (_latest is null && (_only is null || _only.Value.Tenant == tenant))
        {
            _only = form is { } own ? (tenant, own) : null;
            return;
        }

        NoteOneOfMany(tenant, form);
    }

    private void NoteOneOfMany(TenantState tenant, Digest? form)
    {
        _latest ??= [];
        _forms ??= [];
        if (_only is { } only)
        {
            (_latest[only.Tenant], _forms[only.Form], _only) = (only.Form, 1, null);
        }

        if (_latest.Remove(tenant, out var before) && --_forms[before] == 0)
        {
            _forms.Remove(before);
        }

        if (form is { } now)
        {
            _latest[tenant] = now;
            _forms[now] = _forms.GetValueOrDefault(now) + 1;
        }
    }
}
