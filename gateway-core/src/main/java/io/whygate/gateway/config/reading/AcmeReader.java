package io.whygate.gateway.config.reading;

import static io.whygate.gateway.config.reading.Bounds.DAY;
import static io.whygate.gateway.config.reading.Bounds.HOUR;

import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.AcmeSettings.Challenge;
import io.whygate.gateway.config.AcmeSettings.ExternalAccount;
import io.whygate.gateway.config.ListenerSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Reads how certificates are had by ACME.
final class AcmeReader {
  private static final URI LETS_ENCRYPT =
      URI.create("https://acme-v02.api.letsencrypt.org/directory");
  private static final Path USUAL = Path.of("/var/lib/whygate");
  private static final String CHALLENGES =
      Arrays.stream(Challenge.values()).map(Challenge::label).collect(Collectors.joining(", "));

  private final Certificates certificates;

  AcmeReader(Certificates certificates) {
    this.certificates = certificates;
  }

  /// @param state where the gateway keeps what it knows over a restart
  AcmeSettings read(Section section, List<ListenerSettings> listeners, Optional<Path> state) {
    boolean used =
        listeners.stream()
            .anyMatch(each -> each.tls().filter(tls -> !tls.wanted().isEmpty()).isPresent());
    URI directory = directory(section.get("directory"));
    AcmeSettings.Account account = account(section, directory, used);
    AcmeSettings.Pace pace =
        new AcmeSettings.Pace(
            section.get("timeout").duration(Duration.ofMillis(100), Duration.ofMinutes(5)),
            section.get("order-timeout").duration(Duration.ofMillis(100), HOUR),
            section.get("back-off").duration(Duration.ofMillis(10), DAY),
            section.get("longest-back-off").duration(Duration.ofMillis(10), Duration.ofDays(7)),
            section.get("max-orders").integer(1, 1000));
    return new AcmeSettings(
        directory,
        account,
        storage(section.get("storage"), state),
        certificates.chains(section.get("trusted-certificates")),
        challenges(section.get("challenges"), listeners, used),
        new AcmeSettings.Kind(
            section.get("key").choice(AcmeSettings.Key.class),
            section.get("profile").text().strip(),
            section.get("renew-before").percent(1, 90) / 100.0),
        pace);
  }

  private static URI directory(Setting setting) {
    Optional<URI> url = Addresses.url(setting, "the URL of a directory, such as " + LETS_ENCRYPT);
    if (url.isPresent() && !"https".equals(url.get().getScheme())) {
      setting.reject("a URL of https (RFC 8555 section 6.1)");
    }
    return url.orElse(LETS_ENCRYPT);
  }

  private static AcmeSettings.Account account(Section section, URI directory, boolean used) {
    Setting email = section.get("email");
    String address = email.text().strip();
    if (!address.isEmpty() && !address.matches("[^@\\s,?:]{1,64}@[A-Za-z0-9.-]{1,253}")) {
      email.reject("an e-mail address, such as ops@example.com, or nothing");
    }
    Setting agree = section.get("agree-to-terms");
    boolean agreed = agree.flag();
    if (used && !agreed) {
      agree.reject("true, once you have read the terms of service of " + directory.getHost());
    }
    return new AcmeSettings.Account(address, agreed, external(section.section("external-account")));
  }

  private static Optional<ExternalAccount> external(Section section) {
    Setting keyId = section.get("key-id");
    Setting macKey = section.get("mac-key");
    String id = keyId.text().strip();
    String key = macKey.text().strip();
    if (id.isEmpty() != key.isEmpty()) {
      (id.isEmpty() ? keyId : macKey).reject("missing", "key-id and mac-key, or neither");
      return Optional.empty();
    }
    if (!key.matches("[A-Za-z0-9_-]*=*")) {
      macKey.reject("a key in base64url, as the authority gives it");
    }
    return id.isEmpty() ? Optional.empty() : Optional.of(new ExternalAccount(id, key));
  }

  private static Path storage(Setting setting, Optional<Path> state) {
    return setting.isWord("auto")
        ? state.orElse(USUAL).resolve("acme").toAbsolutePath()
        : SourceFiles.path(setting).map(Path::toAbsolutePath).orElse(USUAL);
  }

  private static List<Challenge> challenges(
      Setting setting, List<ListenerSettings> listeners, boolean used) {
    List<Challenge> found =
        setting
            .each(
                CHALLENGES,
                each ->
                    each.parse(
                        CHALLENGES,
                        text ->
                            Arrays.stream(Challenge.values())
                                .filter(one -> one.label().equals(text))
                                .findFirst()))
            .stream()
            .distinct()
            .toList();
    if (setting.isEmptyList()) {
      setting.reject("at least one of " + CHALLENGES);
    }
    boolean clearText = listeners.stream().anyMatch(each -> each.tls().isEmpty());
    if (used && !clearText && found.equals(List.of(Challenge.HTTP_01))) {
      setting.reject(
          setting.found() + " without a listener on clear text, over which it comes",
          "a listener without tls, reached at port 80, or tls-alpn-01");
    }
    // Over TLS alone, what comes over clear text cannot be asked for.
    return clearText ? found : found.stream().filter(each -> each != Challenge.HTTP_01).toList();
  }
}
