namespace Vallum.NodeAgent.Kernel.Ipset;

/// <summary>What ipset answers beside errno's numbers: of all types (ip_set.h), and of the hash types (ip_set_hash.h).</summary>
internal static class IpsetError
{
    public const int Protocol = 4097;
    public const int FindType = 4098;
    public const int MaxSets = 4099;
    public const int Busy = 4100;
    public const int OtherSetName = 4101;
    public const int TypeMismatch = 4102;
    public const int Exist = 4103;
    public const int InvalidCidr = 4104;
    public const int InvalidFamily = 4106;
    public const int Referenced = 4108;
    public const int AddressV4 = 4109;
    public const int AddressV6 = 4110;
    public const int Full = 4352;
    public const int NullElement = 4353;
    public const int InvalidProtocol = 4354;
    public const int MissingProtocol = 4355;
}
