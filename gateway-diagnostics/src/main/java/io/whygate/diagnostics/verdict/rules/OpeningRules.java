package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.facts.UpstreamFacts.ProxyProtocol;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Opened;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.Verdict;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.util.List;

/// Whether connections begin with a header of the PROXY protocol, on which both sides have to
/// agree: told by the other way of asking, which is answered.
public final class OpeningRules implements VerdictRule {
  private static final int BAD_REQUEST = 400;

  @Override
  public List<Opinion> judge(CaseFile file) {
    return file.findings(Opened.class)
        .filter(opened -> isAnswered(opened.result()))
        .map(opened ->
            Opinion.holds(
                Cause.APPLICATION_PROTOCOL_MISMATCH,
                0.98,
                opened.opening() == ProxyProtocol.NONE
                    ? "The server turns away connections that begin with a header of the PROXY"
                        + " protocol, as proxy-protocol says, and answers on one that does not."
                    : "The server closes connections that do not begin with a header of the PROXY"
                        + " protocol, and answers on one that does.",
                file.parameters(Verdict.VARIANT, "opening")))
        .toList();
  }

  /// A server that takes a header for a request answers 400.
  private static boolean isAnswered(Asked asked) {
    return asked.isAnswered() && asked.status() != BAD_REQUEST;
  }
}
