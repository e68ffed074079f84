package io.whygate.gateway.replay;

import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.facts.WireFacts;

/// How a replay ended.
public sealed interface Ending {

  /// A whole answer came.
  ///
  /// @param headBytes the head's size, those of interim answers included
  /// @param bodyBytes the content's size
  record Answered(int status, String reason, long headBytes, long bodyBytes) implements Ending {

    /// Whether by it a server says that it, or one behind it, cannot serve.
    public boolean isFailure() {
      return status >= 502 && status <= 504;
    }
  }

  /// It went wrong.
  ///
  /// @param phase in which
  /// @param symptom what it looked like
  /// @param words the exact moment, in words
  /// @param micros since this phase began
  /// @param spot the byte that broke the rules; [WireFacts.Spot#NONE] where none did
  /// @param inHead whether that byte lies in the head
  record Broken(
      Phase phase, Symptom symptom, String words, long micros, WireFacts.Spot spot, boolean inHead)
      implements Ending {}
}
