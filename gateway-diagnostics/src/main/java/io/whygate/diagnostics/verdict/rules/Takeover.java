package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnoser.Healer;
import io.whygate.diagnostics.verdict.Remedy;
import io.whygate.diagnostics.verdict.Verdict;
import java.util.Optional;

/// Sends the request to where the site is now, once what answers there proved to be the same site.
public final class Takeover implements Healer {
  /// An old address may cost whoever tries it a wait: it is left for at least so long.
  private static final long LEAST_SECONDS = 30;

  @Override
  public Optional<Remedy> heal(CaseFile file, Verdict verdict) {
    if (verdict.cause() != Cause.DNS_DRIFT && verdict.cause() != Cause.DNS_RECYCLED_ADDRESS) {
      return Optional.empty();
    }
    NewHome home = NewHome.of(file);
    return home.proven().isEmpty()
        ? Optional.empty()
        : file.endpoint()
            .map(endpoint -> new Remedy(endpoint, home.proven(), seconds(file, home, verdict)));
  }

  /// In place of an old address, as long as that is remembered. In place of a no, which nobody
  /// waits for, no longer than the new answer holds: the next look-up may find the name gone again.
  private static long seconds(CaseFile file, NewHome home, Verdict verdict) {
    long old = Long.parseLong(verdict.parameters().getOrDefault("ttl", "-1"));
    if (file.address().isPresent()) {
      return Math.max(LEAST_SECONDS, old);
    }
    long held = home.provenSeconds(file).orElse(1);
    return Math.max(1, old < 0 ? held : Math.min(old, held));
  }
}
