package io.whygate.gateway.acme;

import java.io.Serial;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An authority did not give what it was asked for. The message is for operators.
public final class AuthorityException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final boolean rateLimited;
  private final @Nullable Instant notBefore;

  public AuthorityException(String message, @Nullable Throwable cause) {
    this(message, cause, false, null);
  }

  private AuthorityException(
      String message, @Nullable Throwable cause, boolean rateLimited, @Nullable Instant notBefore) {
    super(message, cause);
    this.rateLimited = rateLimited;
    this.notBefore = notBefore;
  }

  /// Too much was asked of it.
  ///
  /// @param notBefore when it may be asked again; empty where it does not say
  public static AuthorityException rateLimited(
      String message, @Nullable Throwable cause, Optional<Instant> notBefore) {
    return new AuthorityException(message, cause, true, notBefore.orElse(null));
  }

  public boolean isRateLimited() {
    return rateLimited;
  }

  /// When it may be asked again; empty where it does not say.
  public Optional<Instant> notBefore() {
    return Optional.ofNullable(notBefore);
  }
}
