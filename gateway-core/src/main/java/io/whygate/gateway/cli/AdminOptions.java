package io.whygate.gateway.cli;

import io.whygate.gateway.config.AdminSettings;
import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.config.reading.ConfigReader;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which running gateway is meant, and how its admin interface is asked.
final class AdminOptions {
  @Option(
      names = "--admin",
      paramLabel = "URL",
      description = "The admin interface; that of config/gateway.conf, else http://127.0.0.1:9180.")
  private String admin = "";

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "Its token; WHYGATE_ADMIN_TOKEN, else that of config/gateway.conf.")
  private String token = Objects.requireNonNullElse(System.getenv("WHYGATE_ADMIN_TOKEN"), "");

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The configuration of the gateway that runs.")
  private @Nullable Path config;

  /// The configuration that is named, or that lies where it usually does.
  Optional<Settings> settings() throws InvalidConfigException {
    Path file = config == null ? ConfigOption.defaultFile() : config;
    boolean wanted = config != null || (admin.isEmpty() && Files.exists(file));
    return wanted ? Optional.of(new ConfigReader().read(file).settings()) : Optional.empty();
  }

  AdminClient client() throws InvalidConfigException {
    return client(settings());
  }

  AdminClient client(Optional<Settings> settings) {
    if (admin.isEmpty() && settings.isPresent()) {
      AdminSettings known = settings.get().admin();
      InetAddress address = known.bind().getAddress();
      InetAddress asked = address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
      String host = asked.getHostAddress();
      String url =
          (known.door().identity().isPresent() ? "https://" : "http://")
              + (host.indexOf(':') >= 0 ? "[" + host + "]" : host)
              + ":";
      return new AdminClient(
          URI.create(url + known.bind().getPort()), token.isEmpty() ? known.token() : token);
    }
    String url = admin.isEmpty() ? "127.0.0.1:9180" : admin;
    return new AdminClient(URI.create(url.contains("://") ? url : "http://" + url), token);
  }
}
