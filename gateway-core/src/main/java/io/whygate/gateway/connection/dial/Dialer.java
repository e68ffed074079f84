package io.whygate.gateway.connection.dial;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.whygate.gateway.address.AddressBook;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.tls.TlsContexts;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.transport.DescriptorReserve;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes connections to endpoints: addresses, the race among them, TLS.
///
/// Shared by all event loops; each dial is confined to the loop that it was begun on.
public final class Dialer {
  private final Transport transport;
  private final AddressBook addresses;
  private final TlsContexts tls;
  private final DescriptorReserve reserve;

  /// @param reserve hears of descriptors that are refused; while they are short nothing is dialled
  public Dialer(
      Transport transport, AddressBook addresses, TlsContexts tls, DescriptorReserve reserve) {
    this.reserve = reserve;
    this.transport = transport;
    this.addresses = addresses;
    this.tls = tls;
  }

  /// Who asked for a connection. One of the methods is called, once, on the event loop.
  public interface Listener {
    /// Here it is. Nothing is read from it before this returns.
    void dialled(Channel channel, Optional<InetAddress> address, Establishment how);

    /// None could be made.
    void notDialled(DialFailure failure);

    /// Whether TLS may agree on nothing but HTTP/1.1, whatever the upstream's protocol.
    default boolean http1Only() {
      return false;
    }

    /// The client's connection that it is for, where the upstream is told of that; null for the
    /// gateway's own.
    default @Nullable ClientConnection client() {
      return null;
    }

    /// By what the logs of servers name the request that it is made for; empty for none.
    default String requestId() {
      return "";
    }

    /// Every address of the endpoint is excluded: there was nothing to try.
    void nothingToDial();
  }

  /// Begins to dial; called on the event loop.
  ///
  /// @param excluded addresses that are not to be tried
  public void dial(
      EventLoop loop,
      UpstreamSettings settings,
      EndpointState endpoint,
      Collection<InetAddress> excluded,
      Listener listener) {
    new Dial(this, loop, settings, endpoint, listener).begin(excluded);
  }

  Transport transport() {
    return transport;
  }

  public AddressBook addresses() {
    return addresses;
  }

  TlsContexts tls() {
    return tls;
  }

  DescriptorReserve reserve() {
    return reserve;
  }
}
