package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.BLIP_RECOVERED;
import static io.whygate.diagnostics.verdict.Cause.BLIP_STALE_CONNECTION;
import static io.whygate.diagnostics.verdict.Cause.DNS_IPV6_BROKEN;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Verdict;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// Failures that no visitor saw: another try served the request. Told from the facts alone.
public final class BlipRules {
  private BlipRules() {}

  /// Why the tries before the one that succeeded failed.
  ///
  /// @param servedBy the address that served the request
  public static Verdict judge(CaseFile file, Optional<InetAddress> servedBy) {
    List<FailedAttempt> attempts = file.exchange().attempts();
    if (isIpv6Broken(attempts, servedBy)) {
      boolean said = attempts.stream().anyMatch(a -> !(a.failure() instanceof TimedOut));
      return new Verdict(
          DNS_IPV6_BROKEN,
          said ? 0.9 : 0.8,
          said
              ? "Only IPv6 addresses failed; an IPv4 address of the same name served the request."
              : "Only IPv6 addresses were silent; an IPv4 address of the same name accepted in a "
                  + "small part of the time, and served the request.",
          file.parameters());
    }
    if (attempts.stream().anyMatch(BlipRules::isStale)) {
      FailedAttempt stale = attempts.stream().filter(BlipRules::isStale).findFirst().orElseThrow();
      return new Verdict(
          BLIP_STALE_CONNECTION,
          0.95,
          "A kept connection that had lain idle for "
              + stale.use().idleMillis()
              + " ms was closed by the server without a byte of an answer; a fresh one worked.",
          file.parameters("idle-ms", Long.toString(stale.use().idleMillis())));
    }
    return new Verdict(
        BLIP_RECOVERED,
        0.9,
        "Another try succeeded after " + file.exchange().symptom().code() + ".",
        file.parameters());
  }

  private static boolean isStale(FailedAttempt attempt) {
    return attempt.use().isReused()
        && attempt.bytesReceived() == 0
        && attempt.failure() instanceof ConnectionLost;
  }

  private static boolean isIpv6Broken(
      List<FailedAttempt> attempts, Optional<InetAddress> servedBy) {
    return servedBy.filter(Inet4Address.class::isInstance).isPresent()
        && !attempts.isEmpty()
        && attempts.stream().allMatch(BlipRules::isFailedIpv6);
  }

  private static boolean isFailedIpv6(FailedAttempt attempt) {
    AttemptFailure failure = attempt.failure();
    return attempt.address().filter(Inet6Address.class::isInstance).isPresent()
        && failure.phase() == Phase.CONNECT;
  }
}
