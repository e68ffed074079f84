package io.whygate.gateway.notification;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.Subscription;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.gateway.config.NotificationSettings;
import io.whygate.gateway.config.NotificationSettings.Alertmanager;
import io.whygate.gateway.config.NotificationSettings.Channel;
import io.whygate.gateway.config.NotificationSettings.Email;
import io.whygate.gateway.config.NotificationSettings.Pace;
import io.whygate.gateway.config.NotificationSettings.Slack;
import io.whygate.gateway.config.NotificationSettings.Webhook;
import io.whygate.gateway.notification.Outbox.Surroundings;
import io.whygate.gateway.posting.HttpPost;
import io.whygate.gateway.trust.Trust;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Watches the incidents, and leaves what is new of them with each channel.
///
/// What was open before it began, such as over a restart, was told already. Nothing is watched, and
/// no thread is there, while no channel is configured.
public final class NewsDesk implements AutoCloseable {
  private final String gateway;
  private final IncidentBook incidents;
  private final Function<Incident, String> documents;
  private final Results results;
  private final Map<String, Cause> told = new HashMap<>();
  private List<Outbox> outboxes = List.of();
  private String console = "";
  private Subscription watching = () -> {};

  /// Hears of what became of news.
  @FunctionalInterface
  public interface Results {
    /// @param result `sent`, `failed` or `dropped`
    void count(String channel, String result, int news);
  }

  /// @param gateway the gateway's name
  /// @param documents gives an incident as operators see it, a JSON object
  public NewsDesk(
      String gateway,
      IncidentBook incidents,
      Function<Incident, String> documents,
      Results results) {
    this.gateway = gateway;
    this.incidents = incidents;
    this.documents = documents;
    this.results = results;
  }

  /// Works by these settings from now on. A channel that is as it was keeps what waits in it; one
  /// that is gone tells it at once, for some seconds at most.
  public void apply(NotificationSettings settings) {
    List<Outbox> gone;
    synchronized (this) {
      console = settings.console();
      List<Outbox> before = outboxes;
      List<Outbox> now = new ArrayList<>();
      for (Channel channel : settings.channels()) {
        now.add(
            before.stream()
                .filter(
                    each -> each.channel().equals(channel) && each.pace().equals(settings.pace()))
                .findFirst()
                .orElseGet(() -> outbox(channel, settings.pace())));
      }
      gone = before.stream().filter(each -> !now.contains(each)).toList();
      outboxes = List.copyOf(now);
      if (before.isEmpty() && !now.isEmpty()) {
        told.clear();
        open().forEach(each -> told.put(each.id(), each.cause()));
        watching = incidents.onChange(this::changed);
      } else if (now.isEmpty()) {
        watching.close();
        watching = () -> {};
      }
    }
    gone.forEach(Outbox::close);
  }

  private Outbox outbox(Channel channel, Pace pace) {
    return new Outbox(
        channel, pace, delivery(channel, pace), new Surroundings(this::write, this::open, results));
  }

  private static Delivery delivery(Channel channel, Pace pace) {
    Duration timeout = pace.tries().timeout();
    Trust trust = new Trust(channel.trusted());
    return switch (channel.target()) {
      case Webhook(var url, var secret) -> new WebhookDelivery(post(url, timeout, trust), secret);
      case Slack(var url) -> new SlackDelivery(post(url, timeout, trust));
      case Alertmanager(var url, var labels) ->
          new AlertmanagerDelivery(
              post(
                  URI.create(url.toString().replaceFirst("/*$", "/api/v2/alerts")), timeout, trust),
              labels,
              pace.repeat());
      case Email email -> new EmailDelivery(email, timeout, trust);
    };
  }

  private static JsonPost post(URI url, Duration timeout, Trust trust) {
    return new JsonPost(new HttpPost(url, timeout, trust));
  }

  private Bulletin write(List<News> news) {
    String link;
    synchronized (this) {
      link = console;
    }
    return new Bulletin(gateway, link, Instant.now(), news, documents);
  }

  private List<Incident> open() {
    return incidents.all().stream().filter(each -> each.state() == Incident.State.OPEN).toList();
  }

  /// On the thread of whoever changed the incident: returns at once.
  private synchronized void changed(Incident incident) {
    newsOf(incident)
        .ifPresent(news -> {
          for (Outbox each : outboxes) {
            if (each.channel().tellsOf(incident.upstream())) {
              each.add(news);
            }
          }
        });
  }

  private Optional<News> newsOf(Incident incident) {
    return switch (incident.state()) {
      case OPEN -> {
        Cause before = told.put(incident.id(), incident.cause());
        yield before == null
            ? Optional.of(News.opened(incident))
            : before == incident.cause()
                ? Optional.empty()
                : Optional.of(News.changed(incident, before));
      }
      case RECOVERED ->
          told.remove(incident.id()) == null
              ? Optional.empty()
              : Optional.of(News.recovered(incident));
      case HEALED -> Optional.empty();
    };
  }

  /// How each channel does, in the order of the configuration.
  public synchronized List<ChannelStatus> channels() {
    return outboxes.stream().map(Outbox::status).toList();
  }

  @Override
  public void close() {
    apply(NotificationSettings.NONE);
  }
}
