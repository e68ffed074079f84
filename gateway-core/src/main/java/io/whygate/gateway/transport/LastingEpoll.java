package io.whygate.gateway.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import org.jspecify.annotations.Nullable;

/// Netty's epoll handler, mended in two places where Netty 4.2.18 loses connections.
///
/// It takes a descriptor out of epoll when no event is wanted of it: when reading is paused and the
/// peer has ended its side. It cannot put it back (`EPOLL_CTL_MOD` fails with ENOENT), and the
/// connection is lost with all that was still to be read. Wanting errors instead of nothing keeps
/// it registered; the system reports errors in any case.
///
/// It finds the channel of an event by the number of its descriptor. Where a channel is closed
/// while a batch of events is handled, and a new one gets its number, what the batch still holds
/// for the old one reaches the new one: an end of input, say, and the new one is never read. So
/// nothing of a batch reaches a channel that was registered while it was handled. Nothing is lost
/// by that: events are level-triggered, and the next batch has what is true of the new one.
///
/// What one wait brings is a [Round]. What comes on a connection is offered to who splices it first
/// ([Splices]).
///
/// Confined to the thread of its event loop, but for [#wakeup].
final class LastingEpoll implements IoHandler {
  private final IoHandler epoll;
  private @Nullable Splices splices;
  private long batch;

  private LastingEpoll(IoHandler epoll) {
    this.epoll = epoll;
  }

  static IoHandlerFactory newFactory() {
    IoHandlerFactory factory = EpollIoHandler.newFactory();
    return executor -> new LastingEpoll(factory.newHandler(executor));
  }

  @Override
  public void initialize() {
    splices = Splices.current();
    epoll.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    batch++;
    Round round = Round.current();
    round.begin();
    try {
      return epoll.run(context);
    } finally {
      round.end();
    }
  }

  @Override
  public void prepareToDestroy() {
    epoll.prepareToDestroy();
  }

  @Override
  public void destroy() {
    epoll.destroy();
    if (splices != null) {
      splices.close();
    }
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    IoHandle own = handle instanceof EpollIoHandle of ? new Own(of, batch) : handle;
    return new Lasting(epoll.register(own));
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return epoll.isCompatible(handleType);
  }

  /// Passes on what is meant for its channel.
  @SuppressWarnings("try") // Netty declares that closing may throw anything
  private final class Own implements EpollIoHandle {
    private final EpollIoHandle of;
    private final long registeredIn;

    private Own(EpollIoHandle of, long registeredIn) {
      this.of = of;
      this.registeredIn = registeredIn;
    }

    @Override
    public FileDescriptor fd() {
      return of.fd();
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      if (registeredIn != batch && (splices == null || !splices.take(of, event))) {
        of.handle(registration, event);
      }
    }

    @Override
    public void registered() {
      of.registered();
    }

    @Override
    public void unregistered() {
      of.unregistered();
    }

    @Override
    public void close() throws Exception {
      of.close();
    }
  }

  private record Lasting(IoRegistration registration) implements IoRegistration {
    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // as Netty declares it
    public <T> T attachment() {
      return registration.attachment();
    }

    @Override
    public long submit(IoOps ops) {
      boolean nothing = ops instanceof EpollIoOps wanted && wanted.value() == 0;
      return registration.submit(nothing ? EpollIoOps.EPOLLERR : ops);
    }

    @Override
    public boolean isValid() {
      return registration.isValid();
    }

    @Override
    public boolean cancel() {
      return registration.cancel();
    }
  }
}
