package io.whygate.gateway.exchange;

import io.netty.buffer.Unpooled;
import io.whygate.gateway.reply.LocalReply;
import org.jspecify.annotations.Nullable;

/// Carries an answer of the gateway's own from any thread to the event loop of its exchange.
final class LocalAnswer implements PublicPaths.Answer {
  private final Exchange exchange;
  private final Downstream downstream;
  private @Nullable Runnable gone;

  LocalAnswer(Exchange exchange, Downstream downstream) {
    this.exchange = exchange;
    this.downstream = downstream;
  }

  @Override
  public void reply(LocalReply reply) {
    run(() -> exchange.reply(reply));
  }

  @Override
  public void stream(LocalReply head, Runnable whenGone) {
    run(() -> {
      if (exchange.isOver()) {
        whenGone.run();
        return;
      }
      gone = whenGone;
      exchange.answer().begins(head.status());
      downstream.stream(head);
    });
  }

  @Override
  public void send(byte[] content) {
    run(() -> {
      if (!exchange.isOver() && downstream.isWritable()) {
        downstream.content(Unpooled.wrappedBuffer(content));
        downstream.flush();
      }
    });
  }

  @Override
  public void end() {
    run(() -> {
      if (!exchange.isOver()) {
        streamed();
      }
    });
  }

  /// The gateway is about to stop: one that would go on is ended.
  void drain() {
    if (exchange.hasAnswered() && !exchange.isOver()) {
      clientGone();
      streamed();
    }
  }

  private void streamed() {
    exchange.finish(FinishedExchange.Outcome.REPLIED);
    downstream.end(null);
  }

  void clientGone() {
    Runnable action = gone;
    if (action != null) {
      gone = null;
      action.run();
    }
  }

  private void run(Runnable action) {
    if (downstream.eventLoop().inEventLoop()) {
      action.run();
    } else {
      downstream.eventLoop().execute(action);
    }
  }
}
