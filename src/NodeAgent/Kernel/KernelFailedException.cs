namespace Vallum.NodeAgent.Kernel;

/// <summary>The kernel, or a tool that speaks for it, did not do what it should. The message has its words.</summary>
internal abstract class KernelFailedException(string message) : Exception(message);
