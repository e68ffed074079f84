package io.whygate.gateway.config.reading;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResolvConfTest {
  @TempDir private Path folder;

  private static InetSocketAddress at(String address) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), 53);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("resolv.conf"), text);
  }

  @Test
  void takesNameServersInTheirOrder() throws IOException {
    Path file =
        file(
            """
            # made by NetworkManager
            search example.com
            options ndots:5
              nameserver\t10.0.0.2
            nameserver 2001:db8::53 # the other one
            nameserver resolver.example
            nameserver
            """);
    assertThat(ResolvConf.servers(file))
        .extracting(server -> server.getAddress().getHostAddress())
        .containsExactly("10.0.0.2", "2001:db8:0:0:0:0:0:53");
  }

  @Test
  void asksThisHostWhereNoneIsNamed() throws IOException {
    assertThat(ResolvConf.servers(file("search example.com\n"))).containsExactly(at("127.0.0.1"));
    assertThat(ResolvConf.servers(folder.resolve("absent"))).containsExactly(at("127.0.0.1"));
  }
}
