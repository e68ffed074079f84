package io.whygate.gateway.cli;

import io.whygate.gateway.Gateway;
import io.whygate.gateway.GatewayStartException;
import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.config.LoadedConfig;
import java.net.InetSocketAddress;
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
      return new ServedGateway(
          Gateway.start(
              config,
              () ->
                  switch (reload.get()) {
                    case ReloadResult.Applied(var changes) -> new Operations.Applied(changes);
                    case ReloadResult.Rejected(var problems) -> new Operations.Rejected(problems);
                  }));
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

  @Override
  public void rejected() {
    gateway.rejected();
  }

  @Override
  public List<String> listenerUrls() {
    return gateway.listenerUrls();
  }

  @Override
  public Optional<String> adminUrl() {
    return gateway.adminAddress().map(ServedGateway::url);
  }

  private static String url(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
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
