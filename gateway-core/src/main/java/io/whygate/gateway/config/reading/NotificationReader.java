package io.whygate.gateway.config.reading;

import io.whygate.gateway.config.NotificationSettings;
import io.whygate.gateway.config.NotificationSettings.Channel;
import io.whygate.gateway.config.NotificationSettings.MailServer;
import io.whygate.gateway.config.NotificationSettings.Security;
import io.whygate.gateway.config.NotificationSettings.Target;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads who is told of incidents.
final class NotificationReader {
  private static final String MAIL = "an e-mail address, such as ops@example.com";
  private static final Section.Defaults KEYS =
      Section.Defaults.none(
          "name",
          "type",
          "upstreams",
          "url",
          "secret",
          "labels",
          "server",
          "security",
          "username",
          "password",
          "from",
          "to",
          "trusted-certificates");

  private final List<String> upstreams;
  private final Certificates certificates;

  /// The kinds of channels.
  private enum Type {
    WEBHOOK,
    SLACK,
    ALERTMANAGER,
    EMAIL
  }

  /// @param upstreams the names of all
  NotificationReader(List<String> upstreams, Certificates certificates) {
    this.upstreams = upstreams;
    this.certificates = certificates;
  }

  NotificationSettings read(Section section) {
    List<Channel> channels =
        section
            .get("channels")
            .each("{ name = NAME, type = webhook, slack, alertmanager or email }", this::channel);
    Set<String> names = new HashSet<>();
    for (Channel each : channels) {
      if (!names.add(each.name())) {
        section
            .get("channels")
            .reject("two are called " + each.name(), "a name of its own for each channel");
      }
    }
    Setting console = section.get("console");
    return new NotificationSettings(
        channels,
        console.text().isEmpty() ? "" : url(console).map(URI::toString).orElse(""),
        new NotificationSettings.Pace(
            section.get("gather").duration(Duration.ZERO, Bounds.HOUR),
            section.get("at-most-every").duration(Duration.ZERO, Bounds.DAY),
            section.get("repeat").duration(Duration.ofSeconds(1), Bounds.DAY),
            section.get("queue").integer(1, 100_000),
            new NotificationSettings.Tries(
                section.get("attempts").integer(1, 100),
                section.get("timeout").duration(Duration.ofMillis(100), Bounds.MINUTE),
                section.get("back-off").duration(Bounds.MS, Bounds.HOUR))));
  }

  private Optional<Channel> channel(Setting element) {
    return Section.of(element, KEYS).flatMap(this::channel);
  }

  private Optional<Channel> channel(Section section) {
    Optional<String> name =
        section
            .get("name")
            .parse(
                "a name of at most 64 letters, digits, . _ and -",
                text -> Optional.of(text).filter(each -> each.matches("[A-Za-z0-9_.-]{1,64}")));
    List<String> only = new ArrayList<>();
    if (section.isSet("upstreams")) {
      only = section.get("upstreams").each("names of upstreams", this::upstream);
    }
    Optional<? extends Target> target =
        switch (section.get("type").choice(Type.class)) {
          case WEBHOOK ->
              url(section.get("url"))
                  .map(url -> new NotificationSettings.Webhook(url, textOf(section, "secret")));
          case SLACK -> url(section.get("url")).map(NotificationSettings.Slack::new);
          case ALERTMANAGER ->
              url(section.get("url"))
                  .map(url -> new NotificationSettings.Alertmanager(url, labels(section)));
          case EMAIL -> email(section);
        };
    List<X509Certificate> trusted =
        section.isSet("trusted-certificates")
            ? certificates.chains(section.get("trusted-certificates"))
            : List.of();
    List<String> told = only;
    return name.flatMap(called -> target.map(found -> new Channel(called, told, found, trusted)));
  }

  private Optional<String> upstream(Setting setting) {
    return setting.parse(
        "the name of an upstream", text -> Optional.of(text).filter(upstreams::contains));
  }

  private static String textOf(Section section, String key) {
    return section.isSet(key) ? section.get(key).text() : "";
  }

  private static Optional<URI> url(Setting setting) {
    return Addresses.url(setting, "a URL, such as https://hooks.example.com/x");
  }

  private static Map<String, String> labels(Section section) {
    Map<String, String> labels = new LinkedHashMap<>();
    if (section.isSet("labels")) {
      for (Setting each : section.get("labels").entries("labels by name")) {
        if (!each.name().matches("[A-Za-z_][A-Za-z0-9_]*")) {
          each.reject("\"" + each.name() + "\"", "a label's name: letters, digits and _");
        }
        labels.put(each.name(), each.text());
      }
    }
    return labels;
  }

  private static Optional<NotificationSettings.Email> email(Section section) {
    Security security =
        section.isSet("security")
            ? section.get("security").choice(Security.class)
            : Security.STARTTLS;
    Optional<HostPort> server =
        section
            .get("server")
            .parse(
                "HOST or HOST:PORT, such as mail.example.com:587",
                text -> HostPort.parse(text, usualPort(security)));
    Optional<String> from = section.get("from").parse(MAIL, NotificationReader::mailbox);
    List<String> to =
        section.get("to").each(MAIL, each -> each.parse(MAIL, NotificationReader::mailbox));
    if (section.get("to").isEmptyList()) {
      section.get("to").rejectAbsent(MAIL);
    }
    String username = textOf(section, "username");
    if (!username.isEmpty() && security == Security.NONE) {
      section.get("security").reject("starttls or tls, since a password would go in the clear");
    }
    return server.flatMap(at ->
        from.map(sender ->
            new NotificationSettings.Email(
                new MailServer(
                    at.host(), at.port(), security, username, textOf(section, "password")),
                sender,
                to)));
  }

  private static int usualPort(Security security) {
    return switch (security) {
      case STARTTLS -> 587;
      case TLS -> 465;
      case NONE -> 25;
    };
  }

  /// An address in its plain form (RFC 5321 section 4.1.2, without quoted and literal ones).
  private static Optional<String> mailbox(String text) {
    return Optional.of(text)
        .filter(each -> each.matches("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}"));
  }
}
