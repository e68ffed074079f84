package io.whygate.gateway.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.whygate.diagnostics.incident.Incident;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// `/api/events`: tells consoles what is new, once a second while somebody listens.
///
/// The events are `overview`, `traffic` (the latest sample) and `upstreams` with a document each,
/// and `incident` with one incident; a listener is sent all of them at first, then those that
/// differ from what it has. One that does not read is passed over until it does.
final class EventFeed {
  /// As many as a list of incidents shows at first.
  private static final int INCIDENTS = 100;

  private static final long QUIET_NANOS = Duration.ofSeconds(15).toNanos();

  private final Operations operations;
  private final Supplier<String> overview;
  private final Supplier<String> traffic;
  private final int most;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private Map<String, Shown> incidents = Map.of();

  /// An incident and its event, so that it is written anew only when it changed.
  private record Shown(Incident incident, String event) {}

  /// @param overview the document of the event `overview`
  /// @param traffic that of the event `traffic`
  /// @param most how many may listen
  EventFeed(Operations operations, Supplier<String> overview, Supplier<String> traffic, int most) {
    this.most = most;
    this.operations = operations;
    this.overview = overview;
    this.traffic = traffic;
  }

  /// Whether one more may listen.
  boolean hasRoom() {
    return listeners.size() < most;
  }

  /// Tells this channel from now on, until it is closed, or may not listen any more. The head of
  /// the answer has to be written already.
  ///
  /// @param lasts whether it may still listen
  void add(Channel channel, BooleanSupplier lasts) {
    Listener listener = new Listener(channel, lasts);
    listeners.add(listener);
    channel.closeFuture().addListener(_ -> listeners.remove(listener));
    tell();
  }

  boolean isHeard() {
    return !listeners.isEmpty();
  }

  /// Tells everybody who listens what is new. It may block, and is not for event loops.
  synchronized void tell() {
    Map<String, String> events = new LinkedHashMap<>();
    events.put("overview", event("overview", overview.get()));
    events.put("traffic", event("traffic", traffic.get()));
    events.put("upstreams", event("upstreams", UpstreamApi.document(operations)));
    Map<String, Shown> shown = new HashMap<>();
    List<Incident> newest = operations.incidents().stream().limit(INCIDENTS).toList();
    for (Incident incident : newest.reversed()) {
      Shown before = incidents.get(incident.id());
      Shown now =
          before != null && before.incident.equals(incident)
              ? before
              : new Shown(incident, event("incident", operations.document(incident)));
      shown.put(incident.id(), now);
      events.put(incident.id(), now.event);
    }
    incidents = shown;
    listeners.forEach(listener -> listener.tell(events));
  }

  private static String event(String name, String json) {
    return "event: " + name + "\ndata: " + json.replace("\n", "\ndata: ") + "\n\n";
  }

  private static final class Listener {
    private final Channel channel;
    private final BooleanSupplier lasts;
    private Map<String, String> has = Map.of();
    private long toldAt = System.nanoTime();

    Listener(Channel channel, BooleanSupplier lasts) {
      this.channel = channel;
      this.lasts = lasts;
    }

    void tell(Map<String, String> events) {
      if (!lasts.getAsBoolean()) {
        channel.close();
        return;
      }
      if (!channel.isWritable()) {
        return;
      }
      StringBuilder news = new StringBuilder();
      events.forEach((key, event) -> {
        if (!event.equals(has.get(key))) {
          news.append(event);
        }
      });
      has = events;
      long now = System.nanoTime();
      if (news.isEmpty() && now - toldAt > QUIET_NANOS) {
        news.append(": still here\n\n");
      }
      if (!news.isEmpty()) {
        toldAt = now;
        byte[] bytes = news.toString().getBytes(StandardCharsets.UTF_8);
        channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)));
      }
    }
  }
}
