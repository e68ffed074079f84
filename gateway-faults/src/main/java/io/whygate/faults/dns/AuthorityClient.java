package io.whygate.faults.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.SimpleResolver;

/// Asks the authorities of a zone, one after the other, until one answers with authority.
final class AuthorityClient {
  private static final Logger LOG = LoggerFactory.getLogger(AuthorityClient.class);

  private final Duration timeout;

  AuthorityClient(Duration timeout) {
    this.timeout = timeout;
  }

  /// The answer, or nothing where each server is silent, lame or in trouble. Blocks.
  Optional<Message> ask(List<InetSocketAddress> servers, Message query) {
    for (InetSocketAddress server : servers) {
      try {
        var resolver = new SimpleResolver(server);
        resolver.setTimeout(timeout);
        Message answer = resolver.send(query);
        boolean usable = answer.getRcode() == Rcode.NOERROR || answer.getRcode() == Rcode.NXDOMAIN;
        if (usable && answer.getHeader().getFlag(Flags.AA)) {
          return Optional.of(answer);
        }
        LOG.debug("{} is lame: {}", server, Rcode.string(answer.getRcode()));
      } catch (IOException e) {
        LOG.debug("{} does not answer: {}", server, e.toString());
      }
    }
    return Optional.empty();
  }
}
