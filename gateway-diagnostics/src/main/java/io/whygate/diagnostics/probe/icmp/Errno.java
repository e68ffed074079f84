package io.whygate.diagnostics.probe.icmp;

/// The errors of Linux that tell something about a connection, by their numbers (`errno(3)`), the
/// same on all of its 64-bit machines but MIPS.
public final class Errno {
  public static final int EPERM = 1;
  public static final int EACCES = 13;
  public static final int EINVAL = 22;
  public static final int EMSGSIZE = 90;
  public static final int ENETDOWN = 100;
  public static final int ENETUNREACH = 101;
  public static final int ETIMEDOUT = 110;
  public static final int ECONNREFUSED = 111;
  public static final int EHOSTUNREACH = 113;
  static final int EINPROGRESS = 115;

  private Errno() {}

  /// Whether a call that sends nothing and asks for the way failed as it does where the machine's
  /// own route table has none: none at all, `unreachable`, `prohibit` or `blackhole`.
  static boolean isNoWay(int errno) {
    return errno == ENETUNREACH
        || errno == EHOSTUNREACH
        || errno == ENETDOWN
        || errno == EACCES
        || errno == EINVAL;
  }
}
