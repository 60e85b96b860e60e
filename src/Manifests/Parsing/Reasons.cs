namespace Vallum.Manifests.Parsing;

/// <summary>Why a field is refused, for programs. Stable: a reason is never renamed, and never reused for something else.</summary>
public static class Reasons
{
    public const string Required = "REQUIRED";
    public const string TooMany = "TOO_MANY";
    public const string TooLong = "TOO_LONG";
    public const string UnknownField = "UNKNOWN_FIELD";
    public const string UnknownKind = "UNKNOWN_KIND";
    public const string Unsupported = "UNSUPPORTED";
    public const string UnknownEnumValue = "UNKNOWN_ENUM_VALUE";
    public const string WrongType = "WRONG_TYPE";
    public const string ExactlyOneRequired = "EXACTLY_ONE_REQUIRED";
    public const string InvalidName = "INVALID_NAME";
    public const string DuplicateName = "DUPLICATE_NAME";
    public const string InvalidLabelKey = "INVALID_LABEL_KEY";
    public const string InvalidLabelValue = "INVALID_LABEL_VALUE";
    public const string InvalidExternalId = "INVALID_EXTERNAL_ID";
    public const string InvalidAddress = "INVALID_ADDRESS";
    public const string DuplicateAddress = "DUPLICATE_ADDRESS";
    public const string InvalidInterface = "INVALID_INTERFACE";
    public const string InvalidCidr = "INVALID_CIDR";
    public const string ExceptOutsideCidr = "EXCEPT_OUTSIDE_CIDR";
    public const string InvalidProtocol = "INVALID_PROTOCOL";
    public const string InvalidPort = "INVALID_PORT";
    public const string InvalidPortRange = "INVALID_PORT_RANGE";
    public const string InvalidPortName = "INVALID_PORT_NAME";
    public const string DuplicatePortName = "DUPLICATE_PORT_NAME";
    public const string PortsNotAllowed = "PORTS_NOT_ALLOWED";
    public const string InvalidIcmp = "INVALID_ICMP";
    public const string IcmpNotAllowed = "ICMP_NOT_ALLOWED";
    public const string ValuesRequired = "VALUES_REQUIRED";
    public const string ValuesNotAllowed = "VALUES_NOT_ALLOWED";
    public const string EmptySelector = "EMPTY_SELECTOR";
    public const string TenantsRequired = "TENANTS_REQUIRED";
    public const string TenantsNotAllowed = "TENANTS_NOT_ALLOWED";
    public const string NodesNotAllowed = "NODES_NOT_ALLOWED";
    public const string MixedSubject = "MIXED_SUBJECT";
    public const string LocalNodeNotAllowed = "LOCAL_NODE_NOT_ALLOWED";
    public const string PortNameNotAllowed = "PORT_NAME_NOT_ALLOWED";
    public const string InvalidTier = "INVALID_TIER";
    public const string InvalidPriority = "INVALID_PRIORITY";
    public const string PriorityNotAllowed = "PRIORITY_NOT_ALLOWED";
    public const string DirectionsRequired = "DIRECTIONS_REQUIRED";
    public const string DuplicateDirection = "DUPLICATE_DIRECTION";
    public const string DirectionNotNamed = "DIRECTION_NOT_NAMED";
    public const string InvalidRuleName = "INVALID_RULE_NAME";
    public const string DuplicateRuleName = "DUPLICATE_RULE_NAME";
    public const string ActionNotAllowed = "ACTION_NOT_ALLOWED";
    public const string PeersRequired = "PEERS_REQUIRED";

    // Judged with the other objects at hand.
    public const string UnknownTenant = "UNKNOWN_TENANT";
    public const string UnknownSegment = "UNKNOWN_SEGMENT";
    public const string UnknownNetworkSet = "UNKNOWN_NETWORK_SET";
    public const string SegmentInUse = "SEGMENT_IN_USE";
    public const string NetworkSetInUse = "NETWORK_SET_IN_USE";
    public const string AddressInUse = "ADDRESS_IN_USE";
}
