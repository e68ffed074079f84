package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.UpstreamFacts.ProxyProtocol;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Asked.AskOutcome;
import io.whygate.diagnostics.probe.Finding.Greeted;
import io.whygate.diagnostics.probe.Finding.Greeted.GreetOutcome;

/// Asks once more on a connection that begins otherwise: with a header of the PROXY protocol where
/// none is configured, without where one is. A server that wants it closes a connection that has
/// none, and one that does not takes it for a bad request.
///
/// Asked only where what was found before looks like that.
final class OpeningProbe {
  private static final int BAD_REQUEST = 400;

  private OpeningProbe() {}

  static void ask(Inquiry inquiry) {
    boolean announced = inquiry.facts().proxyProtocol() != ProxyProtocol.NONE;
    var found = inquiry.observations().stream().map(Observation::finding).toList();
    if (found.stream().anyMatch(each -> isTurnedAway(each, announced))
        && found.stream().noneMatch(each -> isTaken(each, announced))) {
      HttpProbe.opening(inquiry, announced ? ProxyProtocol.NONE : ProxyProtocol.V1);
    }
  }

  private static boolean isTurnedAway(Finding finding, boolean announced) {
    return switch (finding) {
      case Asked asked ->
          asked.outcome() == AskOutcome.CLOSED
              || (announced
                  && (asked.outcome() == AskOutcome.NOT_HTTP || asked.status() == BAD_REQUEST));
      case Greeted greeted ->
          greeted.outcome() == GreetOutcome.CLOSED
              || (announced
                  && (greeted.outcome() == GreetOutcome.ALERT
                      || greeted.outcome() == GreetOutcome.NOT_TLS));
      default -> false;
    };
  }

  private static boolean isTaken(Finding finding, boolean announced) {
    return switch (finding) {
      case Asked asked -> asked.isAnswered() && !(announced && asked.status() == BAD_REQUEST);
      case Greeted greeted ->
          greeted.outcome() == GreetOutcome.AGREED
              || greeted.outcome() == GreetOutcome.OLDER_VERSION
              || (greeted.outcome() == GreetOutcome.ALERT && !announced);
      default -> false;
    };
  }
}
