package io.whygate.gateway.admin;

import io.whygate.gateway.config.AdminSettings.Access;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;

/// The tokens of the configuration, and who shows one too often that is none of them.
final class Tokens {
  private static final String PREFIX = "bearer ";

  private final byte[] full;
  private final byte[] readOnly;
  private final FailedAttempts failures;

  /// What came of a token that was shown.
  sealed interface Shown {}

  record Right(Role role) implements Shown {}

  /// @param answer what to say to it
  record Wrong(Answer.Document answer) implements Shown {}

  Tokens(Access access) {
    this.full = access.token().getBytes(StandardCharsets.UTF_8);
    this.readOnly = access.readOnlyToken().getBytes(StandardCharsets.UTF_8);
    this.failures = new FailedAttempts(access.attempts());
  }

  /// Whether nobody comes in without one.
  boolean areWanted() {
    return full.length > 0;
  }

  /// The bearer token that a request carries; empty for none.
  static String carriedBy(Request request) {
    String field = request.header("Authorization");
    return field.regionMatches(true, 0, PREFIX, 0, PREFIX.length())
        ? field.substring(PREFIX.length()).strip()
        : "";
  }

  Shown show(String token, Caller caller) {
    if (failures.isRefused(caller)) {
      return new Wrong(
          Answer.problem(
              429,
              "Too many wrong tokens",
              "Wait before the next one (setting: whygate.admin.login).",
              Map.of("Retry-After", Long.toString(failures.retryAfterSeconds()))));
    }
    Optional<Role> role = roleOf(token.getBytes(StandardCharsets.UTF_8));
    if (role.isPresent()) {
      return new Right(role.get());
    }
    failures.failed(caller);
    return new Wrong(unauthorized());
  }

  private Optional<Role> roleOf(byte[] shown) {
    boolean isFull = MessageDigest.isEqual(full, shown);
    boolean isReadOnly = MessageDigest.isEqual(readOnly, shown);
    if (shown.length == 0) {
      return Optional.empty();
    }
    return isFull
        ? Optional.of(Role.FULL)
        : isReadOnly ? Optional.of(Role.READ_ONLY) : Optional.empty();
  }

  static Answer.Document unauthorized() {
    return Answer.problem(
        401,
        "Unauthorized",
        "Authorization: Bearer TOKEN is needed (setting: whygate.admin.token).",
        Map.of("WWW-Authenticate", "Bearer realm=\"whygate\""));
  }
}
