package io.whygate.diagnostics;

import io.whygate.diagnostics.Answers.Answer;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.Probe;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One probe of an examination, and what became of it.
final class Question {
  private static final Logger LOG = LoggerFactory.getLogger(Question.class);

  /// How long before the deadline a probe may end that ended because of it: time-outs are counted
  /// in whole milliseconds.
  private static final long NEARLY_NANOS = Duration.ofMillis(5).toNanos();

  private final Probe probe;
  private final Inquiry inquiry;
  private final long began = System.nanoTime();
  private volatile long ended;
  private volatile boolean isDone;

  Question(Probe probe, Inquiry whole) {
    this.probe = probe;
    this.inquiry = whole.part();
  }

  /// Asks it. Blocks.
  Answer ask() {
    try {
      probe.ask(inquiry);
    } catch (RuntimeException e) {
      LOG.warn("A probe failed by itself: {}", probe.getClass().getSimpleName(), e);
    } finally {
      ended = System.nanoTime();
      isDone = true;
    }
    return answer();
  }

  /// What has come of it so far.
  Answer answer() {
    boolean done = isDone;
    long at = done ? ended : System.nanoTime();
    Deadline deadline = inquiry.deadline();
    boolean late = at - (deadline.nanos() - NEARLY_NANOS) >= 0;
    return new Answer(probe, inquiry.observations(), !done || late, at - began);
  }
}
