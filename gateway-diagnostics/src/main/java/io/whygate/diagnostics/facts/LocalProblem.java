package io.whygate.diagnostics.facts;

/// Why the gateway's own system refused to dial.
public enum LocalProblem {
  /// EADDRNOTAVAIL: no free local port towards this destination.
  PORTS_EXHAUSTED,
  /// EMFILE: the gateway's process has as many as it may have.
  DESCRIPTORS_EXHAUSTED,
  /// ENFILE: the whole system has none left.
  SYSTEM_DESCRIPTORS_EXHAUSTED,
  /// EACCES or EPERM: a socket file's permissions, a local firewall or a security module.
  PERMISSION_DENIED,
  /// ENOENT: the Unix socket's file is not there.
  SOCKET_MISSING,
  /// EAGAIN on a Unix socket: the server's queue of connections is full.
  BACKLOG_FULL,
  /// Another error.
  OTHER
}
