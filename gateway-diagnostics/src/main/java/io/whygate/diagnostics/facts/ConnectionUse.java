package io.whygate.diagnostics.facts;

/// What an attempt's connection had been through before the attempt.
///
/// @param earlierRequests requests it had carried before this one; 0 for a fresh connection
/// @param ageMillis time since it was established, milliseconds
/// @param idleMillis time it lay idle in the pool before this attempt, milliseconds; 0 for a fresh
///   connection
public record ConnectionUse(long earlierRequests, long ageMillis, long idleMillis) {
  /// The use of a connection made for this attempt.
  public static final ConnectionUse FRESH = new ConnectionUse(0, 0, 0);

  public boolean isReused() {
    return earlierRequests > 0;
  }
}
