package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.UpstreamFacts.Maintenance;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// When it is worth trying again: measured where something says so (a TTL, a window, the server's
/// own Retry-After), else derived from how long the outage has lasted.
///
/// An outage that has lasted long tends to last, so the pace follows its age; what a person has to
/// mend is not asked for as often as what recovers by itself.
final class RetryTime {
  private static final long SOONEST = 1;
  private static final long LATEST = 600;

  private RetryTime() {}

  static OptionalLong of(CaseFile file, Verdict verdict, Instant now) {
    return switch (verdict.cause()) {
      case GATEWAY_LOOP,
          APPLICATION_AMBIGUOUS_FRAMING,
          APPLICATION_HEADER_TOO_LARGE,
          FIREWALL_BLOCKED_REQUEST ->
          OptionalLong.empty();
      case SERVER_MAINTENANCE -> OptionalLong.of(maintenance(file, now));
      case DNS_DRIFT, DNS_RECYCLED_ADDRESS, DNS_NAME_NOT_FOUND, DNS_NO_ADDRESS ->
          OptionalLong.of(ttl(verdict).orElseGet(() -> byAge(file, now, 5)));
      case TLS_CERTIFICATE_NOT_YET_VALID ->
          OptionalLong.of(notBefore(verdict, now).orElseGet(() -> byAge(file, now, 30)));
      case TLS_CERTIFICATE_EXPIRED,
          TLS_NAME_MISMATCH,
          TLS_SELF_SIGNED,
          TLS_UNTRUSTED_ISSUER,
          TLS_INCOMPLETE_CHAIN,
          TLS_VERSION_MISMATCH,
          TLS_CIPHER_MISMATCH,
          TLS_UNRECOGNIZED_NAME,
          TLS_CLIENT_CERTIFICATE_REQUIRED,
          TLS_PLAINTEXT_UPSTREAM,
          TLS_REQUIRED,
          DNS_SINKHOLED,
          DNS_DANGLING_ALIAS,
          DNS_LAME_DELEGATION,
          DNS_VALIDATION_FAILED,
          GATEWAY_CLOCK_SKEW ->
          OptionalLong.of(byAge(file, now, 30));
      default -> OptionalLong.of(statedByServer(file).orElseGet(() -> byAge(file, now, 2)));
    };
  }

  private static long maintenance(CaseFile file, Instant now) {
    Optional<Instant> until = file.facts().maintenance().flatMap(Maintenance::until);
    if (until.isPresent() && until.get().isAfter(now)) {
      return Math.max(SOONEST, Duration.between(now, until.get()).toSeconds());
    }
    return statedByServer(file).orElseGet(() -> byAge(file, now, 30));
  }

  private static Optional<Long> statedByServer(CaseFile file) {
    return file.failure(UpstreamStatus.class)
        .map(UpstreamStatus::retryAfterSeconds)
        .filter(seconds -> seconds >= 0)
        .map(seconds -> Math.clamp(seconds, SOONEST, 86_400));
  }

  private static Optional<Long> ttl(Verdict verdict) {
    return Optional.ofNullable(verdict.parameters().get("ttl"))
        .map(Long::parseLong)
        .filter(seconds -> seconds >= 0)
        .map(seconds -> Math.max(SOONEST, seconds));
  }

  private static Optional<Long> notBefore(Verdict verdict, Instant now) {
    return Optional.ofNullable(verdict.parameters().get("not-before"))
        .map(Instant::parse)
        .filter(moment -> moment.isAfter(now))
        .map(moment -> Math.max(SOONEST, Duration.between(now, moment).toSeconds()));
  }

  /// A quarter of the outage's age, and not less than what such a thing takes to mend.
  private static long byAge(CaseFile file, Instant now, long least) {
    return Math.clamp(file.memory().failingFor(now).toSeconds() / 4, least, LATEST);
  }
}
