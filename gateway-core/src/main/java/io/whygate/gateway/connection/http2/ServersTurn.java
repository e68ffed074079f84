package io.whygate.gateway.connection.http2;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http2.ErrorCode;

/// How long a server may take for what it has to do next on a stream: take the request, ask for its
/// content, answer, go on with its answer. Confined to its event loop.
final class ServersTurn implements Runnable {
  private final Http2UpstreamStream stream;
  private final Http2UpstreamConnection connection;
  private final ConnectionSetup setup;
  private final Deadlines.Deadline deadline;
  private boolean awaitsContinue;
  private long sentNanos;

  ServersTurn(
      Http2UpstreamStream stream, Http2UpstreamConnection connection, ConnectionSetup setup) {
    this.stream = stream;
    this.connection = connection;
    this.setup = setup;
    this.deadline = setup.deadlines().add(this);
  }

  /// It has to answer.
  void toAnswer() {
    deadline.in(setup.responseTimeout().toNanos());
  }

  /// It has to ask for the content of the request.
  void toContinue() {
    awaitsContinue = true;
    toAnswer();
  }

  /// Whether the content of the request waits until it is asked for.
  boolean isToContinue() {
    return awaitsContinue;
  }

  /// The content is on its way, asked for or not.
  void contentGoes() {
    awaitsContinue = false;
    if (stream.awaitsHead() && !stream.requestBody().isSent()) {
      deadline.clear();
    }
  }

  /// The request is whole.
  void requestEnded() {
    awaitsContinue = false;
  }

  /// Some of the request went out.
  void requestProgressed() {
    if (stream.requestBody().isSent() && sentNanos == 0) {
      sentNanos = System.nanoTime();
      if (stream.awaitsHead()) {
        toAnswer();
      }
    } else {
      next();
    }
  }

  /// When the request had been sent whole; 0 where it is not.
  long sentNanos() {
    return sentNanos;
  }

  /// It has to do what comes next.
  void next() {
    RequestBody request = stream.requestBody();
    if (stream.awaitsHead() && !request.isSent()) {
      if (request.waits()) {
        deadline.in(setup.idleTimeout().toNanos());
      } else if (!awaitsContinue) {
        deadline.clear();
      }
    } else if (stream.isAnswering()) {
      AnswerBody answer = stream.answer().body();
      if (answer.isPaused() || answer.isEnded()) {
        deadline.clear();
      } else {
        deadline.in(setup.idleTimeout().toNanos());
      }
    }
  }

  /// It has nothing to do, or its time does not count.
  void over() {
    deadline.clear();
  }

  /// Forgets it for good.
  void close() {
    deadline.close();
  }

  /// It took too long.
  @Override
  public void run() {
    Phase phase = stream.phase();
    connection.doubt();
    stream.reset(
        ErrorCode.CANCEL,
        new AttemptFailure.TimedOut(
            phase, phase == Phase.AWAIT_RESPONSE ? setup.responseTimeout() : setup.idleTimeout()));
  }
}
