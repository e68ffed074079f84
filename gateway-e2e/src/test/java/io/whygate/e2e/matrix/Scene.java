package io.whygate.e2e.matrix;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// The servers around one gateway, the settings that it needs for them, and how they break.
///
/// Filled by a [Row.Staging]; used by one thread.
public final class Scene implements AutoCloseable {
  /// How long a gateway waits for a connection, where that is what a fault takes.
  static final Duration CONNECT = Duration.ofMillis(400);

  /// How long it waits for an answer, where that is what a fault takes.
  static final Duration RESPONSE = Duration.ofMillis(600);

  private static final Duration PATIENT = Duration.ofSeconds(3);

  private final boolean waits;
  private final String name;
  private final String host;
  private final Deque<Closeable> opened = new ArrayDeque<>();
  private String settings = "";
  private String method = "GET";
  private String path = "/";
  private boolean worksFirst = true;
  private boolean recovers = true;
  private boolean sparing;
  private boolean changing;
  private boolean meetingMore;
  private Duration settling = Duration.ZERO;
  private Action breaking = _ -> {};
  private Action mending = _ -> {};

  /// @param waits whether its fault takes the time of a setting
  Scene(boolean waits) {
    this(waits, "site", "");
  }

  /// @param name what its upstream is called
  /// @param host the name or address that its visitors ask; empty for any
  Scene(boolean waits, String name, String host) {
    this.waits = waits;
    this.name = name;
    this.host = host;
  }

  /// What happens to a scene at one moment, with its gateway at hand.
  @FunctionalInterface
  public interface Action {
    void run(HeldGateway gateway) throws Exception;
  }

  /// Closes it with the scene.
  public <C extends Closeable> C open(C closeable) {
    opened.push(closeable);
    return closeable;
  }

  /// One upstream for everything.
  public Scene upstream(URI endpoint, String more) {
    return upstream(endpoint.toString(), more);
  }

  /// One upstream for everything.
  public Scene upstream(String endpoint, String more) {
    return settings(
        """
        upstreams { %s {
          endpoints = ["%s"]
          connect-timeout = %dms, response-timeout = %dms, idle-timeout = %dms
          circuit-breaker.consecutive-failures = 0, outlier.consecutive-failures = 0
          %s
        } }
        routes += { upstream = %s%s }
        """
            .formatted(
                name,
                endpoint,
                (waits ? CONNECT : PATIENT).toMillis(),
                (waits ? RESPONSE : PATIENT).toMillis(),
                (waits ? RESPONSE : PATIENT).toMillis(),
                more,
                name,
                host.isEmpty() ? "" : ", host = \"" + host + "\""));
  }

  /// More settings inside `whygate { }`.
  public Scene settings(String more) {
    settings = settings + more;
    return this;
  }

  /// How it breaks, and how it is mended.
  public Scene breaks(Action breaks, Action mends) {
    breaking = breaks;
    mending = mends;
    return this;
  }

  /// It is broken before the gateway starts.
  public Scene neverWorked() {
    worksFirst = false;
    return this;
  }

  /// It cannot be mended, or not by what the gateway sees.
  public Scene staysBroken() {
    recovers = false;
    return this;
  }

  /// Each request of it may look different to the gateway, so the first one alone is looked at.
  public Scene changes() {
    changing = true;
    return this;
  }

  /// The second request may meet what the first did not, so that it is examined anew.
  public Scene meetsMoreLater() {
    meetingMore = true;
    return this;
  }

  /// What is asked for.
  public Scene asks(String requestMethod, String requestPath) {
    method = requestMethod;
    path = requestPath;
    return this;
  }

  /// How long after the break the fault shows.
  public Scene settles(Duration time) {
    settling = time;
    return this;
  }

  /// It is asked no more often than it has to be: each request costs the server a worker.
  public Scene sparingly() {
    sparing = true;
    return this;
  }

  public boolean isSparing() {
    return sparing;
  }

  public String settings() {
    return settings;
  }

  public String method() {
    return method;
  }

  public String path() {
    return path;
  }

  public boolean worksFirst() {
    return worksFirst;
  }

  public boolean recovers() {
    return recovers;
  }

  public boolean isChanging() {
    return changing;
  }

  public boolean isMeetingMore() {
    return meetingMore;
  }

  public Duration settling() {
    return settling;
  }

  public Action breaking() {
    return breaking;
  }

  public Action mending() {
    return mending;
  }

  @Override
  public void close() throws IOException {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }
}
