package io.whygate.gateway.connection.health;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.util.concurrent.Future;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.LoneGet;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Dialer;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The checks of one endpoint, one after the other: each dials, asks for the configured path, and
/// judges the status. Confined to its event loop, but for [#last].
final class HealthCheck {
  private static final TimeUnit NANOS = TimeUnit.NANOSECONDS;

  private final EventLoop loop;
  private final Dialer dialer;
  private final Upstream upstream;
  private final EndpointState endpoint;
  private final UpstreamSettings.Health settings;
  private final Deadlines deadlines;
  private @Nullable Future<?> next;
  private @Nullable Round round;
  private int passed;
  private int failed;
  private boolean stopped;
  private volatile @Nullable HealthResult last;

  HealthCheck(
      EventLoop loop,
      Dialer dialer,
      Deadlines deadlines,
      Upstream upstream,
      EndpointState endpoint) {
    this.deadlines = deadlines;
    this.loop = loop;
    this.dialer = dialer;
    this.upstream = upstream;
    this.endpoint = endpoint;
    this.settings = upstream.settings().health();
  }

  /// Begins with the first check somewhere in the first tenth of the interval, so that many
  /// endpoints are not checked at one moment.
  void start() {
    long soon = settings.interval().toNanos() / 10;
    next = loop.schedule(this::check, ThreadLocalRandom.current().nextLong(soon + 1), NANOS);
  }

  void stop() {
    stopped = true;
    Future<?> scheduled = next;
    if (scheduled != null) {
      scheduled.cancel(false);
    }
    Round current = round;
    if (current != null) {
      current.abandon();
    }
  }

  EndpointState endpoint() {
    return endpoint;
  }

  Upstream upstream() {
    return upstream;
  }

  /// What the last check found; empty before the first.
  Optional<HealthResult> last() {
    return Optional.ofNullable(last);
  }

  private void check() {
    Round begun = new Round();
    round = begun;
    begun.begin();
  }

  private void ended(boolean good, String finding) {
    round = null;
    if (stopped) {
      return;
    }
    last = new HealthResult(good, finding, Instant.now());
    passed = good ? passed + 1 : 0;
    failed = good ? 0 : failed + 1;
    long slowStart = upstream.settings().outlier().slowStart().toNanos();
    if (passed >= settings.healthyAfter() && endpoint.isUnhealthy()) {
      endpoint.healthChanged(true, slowStart);
    } else if (failed >= settings.unhealthyAfter() && !endpoint.isUnhealthy()) {
      endpoint.healthChanged(false, slowStart);
    }
    next = loop.schedule(this::check, settings.interval().toNanos(), NANOS);
  }

  /// One check.
  private final class Round implements Dialer.Listener {
    private final Future<?> limit =
        loop.schedule(() -> end(false, "timeout"), settings.timeout().toNanos(), NANOS);
    private @Nullable Channel channel;
    private boolean over;

    void begin() {
      dialer.dial(loop, upstream.settings(), endpoint, List.of(), this);
    }

    void abandon() {
      over = true;
      limit.cancel(false);
      Channel open = channel;
      if (open != null) {
        open.close();
      }
    }

    private void end(boolean good, String finding) {
      if (over) {
        return;
      }
      abandon();
      ended(good, finding);
    }

    @Override
    public void dialled(Channel made, Optional<InetAddress> address, Establishment how) {
      channel = made;
      if (over) {
        made.close();
        return;
      }
      if (endpoint.endpoint().isTcp()) {
        end(true, "connected");
        return;
      }
      boolean http2 =
          how.alpn().equals(ApplicationProtocolNames.HTTP_2)
              || upstream.settings().protocol() == UpstreamFacts.Protocol.HTTP2;
      LoneGet request =
          new LoneGet(settings.path(), endpoint.endpoint().authority(), "whygate-health");
      if (http2) {
        ConnectionSetup setup = ConnectionSetup.of(upstream.settings(), deadlines);
        new Http2Check(this::answered).ask(made, endpoint, address, setup, request);
        return;
      }
      made.pipeline().addLast(new StatusReader(this::answered));
      ByteBuf head = made.alloc().buffer(request.sizeHint());
      request.writeHttp1(head);
      made.writeAndFlush(head, made.voidPromise());
    }

    private void answered(int status) {
      if (status == StatusReader.NO_STATUS) {
        end(false, "no-status");
      } else {
        boolean good = status >= settings.statusFrom() && status <= settings.statusTo();
        end(good, Integer.toString(status));
      }
    }

    @Override
    public void notDialled(DialFailure failure) {
      end(false, failure.failure().symptom().code());
    }

    @Override
    public void nothingToDial() {
      end(false, "no-address");
    }
  }
}
