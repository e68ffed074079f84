package io.whygate.gateway.cli;

import io.whygate.gateway.Gateway;
import io.whygate.gateway.GatewayStartException;
import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.admin.ReloadRecord;
import io.whygate.gateway.config.LoadedConfig;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The gateway of this process.
final class ServedGateway implements RunningGateway {
  private final Gateway gateway;

  private ServedGateway(Gateway gateway) {
    this.gateway = gateway;
  }

  static RunningGateway start(LoadedConfig config, Supplier<ReloadResult> reload)
      throws CannotRunException {
    try {
      return new ServedGateway(Gateway.start(config, () -> outcome(reload.get())));
    } catch (GatewayStartException failure) {
      throw new CannotRunException(String.valueOf(failure.getMessage()), failure);
    }
  }

  @Override
  public List<String> apply(LoadedConfig config) throws CannotRunException {
    try {
      return gateway.apply(config);
    } catch (GatewayStartException failure) {
      throw new CannotRunException(String.valueOf(failure.getMessage()), failure);
    }
  }

  private static Operations.Reload outcome(ReloadResult result) {
    return switch (result) {
      case ReloadResult.Applied(var changes) -> new Operations.Applied(changes);
      case ReloadResult.Rejected(var problems) -> new Operations.Rejected(problems);
    };
  }

  @Override
  public void reloaded(String because, ReloadResult result) {
    gateway.reloaded(new ReloadRecord(Instant.now(), because, outcome(result)));
  }

  @Override
  public void reopenLogs() {
    gateway.reopenLogs();
  }

  @Override
  public List<String> listenerUrls() {
    return gateway.listenerUrls();
  }

  @Override
  public Optional<String> adminUrl() {
    String scheme =
        gateway.settings().admin().door().identity().isPresent() ? "https://" : "http://";
    return gateway.adminAddress().map(address -> scheme + authority(address));
  }

  private static String authority(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  @Override
  public void drain() {
    try {
      gateway.drain();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    gateway.close();
  }
}
