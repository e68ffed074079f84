package io.whygate.diagnostics.probe;

/// Asks one kind of question and reports what came back as findings.
///
/// It blocks, so it runs on a virtual thread, and it ends by the deadline of its inquiry. It never
/// throws for what the network does: that is what it reports.
@FunctionalInterface
public interface Probe {
  void ask(Inquiry inquiry);
}
