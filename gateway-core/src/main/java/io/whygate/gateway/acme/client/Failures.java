package io.whygate.gateway.acme.client;

import io.whygate.gateway.acme.AuthorityException;
import java.util.List;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.exception.AcmeLazyLoadingException;
import org.shredzone.acme4j.exception.AcmeNetworkException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;
import org.shredzone.acme4j.exception.AcmeUserActionRequiredException;

/// What went wrong with an authority, as operators read it.
final class Failures {
  private static final String TYPE = "urn:ietf:params:acme:error:";

  private Failures() {}

  /// Whether an authority names this kind of error (RFC 8555 section 6.7).
  static boolean isOfType(AcmeServerException e, String type) {
    return e.getType().toString().equals(TYPE + type);
  }

  static AuthorityException translate(Exception e) {
    return switch (e) {
      case AcmeLazyLoadingException lazy when lazy.getCause() instanceof Exception cause ->
          translate(cause);
      case AcmeRateLimitedException limited ->
          AuthorityException.rateLimited(
              textOf(limited.getProblem()), limited, limited.getRetryAfter());
      case AcmeUserActionRequiredException wanted ->
          new AuthorityException(
              textOf(wanted.getProblem()) + " (see " + wanted.getInstance() + ")", wanted);
      case AcmeServerException server ->
          new AuthorityException(textOf(server.getProblem()), server);
      case AcmeNetworkException network ->
          new AuthorityException("it cannot be reached: " + root(network), network);
      default -> new AuthorityException(String.valueOf(e.getMessage()), e);
    };
  }

  /// What an authority says of an error, and of its parts.
  static String textOf(Problem problem) {
    String type = problem.getType().toString().replace(TYPE, "");
    String detail = problem.getDetail().or(problem::getTitle).orElse("no detail");
    List<String> parts =
        problem.getSubProblems().stream()
            .map(each ->
                each.getIdentifier().map(name -> name.getValue() + ": ").orElse("") + textOf(each))
            .toList();
    return type + ": " + detail + (parts.isEmpty() ? "" : " (" + String.join("; ", parts) + ")");
  }

  private static String root(Throwable e) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String message = deepest.getMessage();
    return message == null ? deepest.getClass().getSimpleName() : message;
  }
}
