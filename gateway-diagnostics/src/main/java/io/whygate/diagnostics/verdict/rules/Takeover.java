package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnoser.Healer;
import io.whygate.diagnostics.verdict.Remedy;
import io.whygate.diagnostics.verdict.Verdict;
import java.util.Optional;

/// Sends the request to where the site is now, once what answers there proved to be the same site.
public final class Takeover implements Healer {
  private static final long LEAST_SECONDS = 5;

  @Override
  public Optional<Remedy> heal(CaseFile file, Verdict verdict) {
    if (verdict.cause() != Cause.DNS_DRIFT && verdict.cause() != Cause.DNS_RECYCLED_ADDRESS) {
      return Optional.empty();
    }
    NewHome home = NewHome.of(file);
    long ttl = Long.parseLong(verdict.parameters().getOrDefault("ttl", "-1"));
    return home.proven().isEmpty()
        ? Optional.empty()
        : file.endpoint()
            .map(endpoint -> new Remedy(endpoint, home.proven(), Math.max(LEAST_SECONDS, ttl)));
  }
}
