package io.whygate.gateway.config;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Who is told of incidents.
///
/// @param channels by which; none for nobody
/// @param console the address of the console, for links; empty for none
/// @param pace how often, and how long it is tried
public record NotificationSettings(List<Channel> channels, String console, Pace pace) {
  public static final NotificationSettings NONE =
      new NotificationSettings(
          List.of(),
          "",
          new Pace(
              Duration.ofSeconds(10),
              Duration.ofSeconds(30),
              Duration.ofMinutes(1),
              1000,
              new Tries(6, Duration.ofSeconds(10), Duration.ofSeconds(1))));

  public NotificationSettings {
    channels = List.copyOf(channels);
  }

  /// How often somebody is told.
  ///
  /// @param gather how long news are gathered into one message
  /// @param atMostEvery the least time between two messages of a channel
  /// @param repeat how often an Alertmanager is told again of what is still open
  /// @param queue news that may wait in a channel
  public record Pace(
      Duration gather, Duration atMostEvery, Duration repeat, int queue, Tries tries) {}

  /// How long it is tried to deliver a message.
  ///
  /// @param most tries in all
  /// @param timeout the limit of one
  /// @param backOff the time before the second; each further one is twice as long
  public record Tries(int most, Duration timeout, Duration backOff) {}

  /// A way by which somebody is told.
  ///
  /// @param name its label in metrics
  /// @param upstreams those it tells of; none for all
  /// @param trusted certificates that are trusted; none for the system's
  public record Channel(
      String name, List<String> upstreams, Target target, List<X509Certificate> trusted) {
    public Channel {
      upstreams = List.copyOf(upstreams);
      trusted = List.copyOf(trusted);
    }

    public boolean tellsOf(String upstream) {
      return upstreams.isEmpty() || upstreams.contains(upstream);
    }
  }

  /// Where a channel leads.
  public sealed interface Target {
    /// The kind as the configuration writes it.
    String type();
  }

  /// A program that takes JSON.
  ///
  /// @param secret signs what is sent; empty for no signature
  public record Webhook(URI url, String secret) implements Target {
    @Override
    public String type() {
      return "webhook";
    }
  }

  /// A chat with an incoming webhook as Slack has it.
  public record Slack(URI url) implements Target {
    @Override
    public String type() {
      return "slack";
    }
  }

  /// A Prometheus Alertmanager, by its API v2.
  ///
  /// @param labels what each alert bears beside its own
  public record Alertmanager(URI url, Map<String, String> labels) implements Target {
    public Alertmanager {
      labels = Map.copyOf(labels);
    }

    @Override
    public String type() {
      return "alertmanager";
    }
  }

  /// E-mail.
  public record Email(MailServer server, String from, List<String> to) implements Target {
    public Email {
      to = List.copyOf(to);
    }

    @Override
    public String type() {
      return "email";
    }
  }

  /// Who takes e-mail.
  ///
  /// @param username empty for no authentication
  public record MailServer(
      String host, int port, Security security, String username, String password) {}

  /// How the way to a mail server is protected.
  public enum Security {
    /// TLS begins on a clear connection, or nothing is sent (RFC 3207).
    STARTTLS,
    /// TLS from the first byte (RFC 8314).
    TLS,
    /// Not at all.
    NONE
  }
}
