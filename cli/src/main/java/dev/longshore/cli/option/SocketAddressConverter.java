package dev.longshore.cli.option;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code ADDR:PORT}, where ADDR is an IP address, {@code localhost} or empty (all). */
public final class SocketAddressConverter implements ITypeConverter<InetSocketAddress> {
  private static final String FORM =
      " is not ADDR:PORT, such as 127.0.0.1:8080, [::1]:8080 or :8080";

  @Override
  public InetSocketAddress convert(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new TypeConversionException("'" + text + "'" + FORM);
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (bracketed) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new TypeConversionException(
          "'" + text + "': put an IPv6 address in brackets, such as [::1]:8080");
    }
    return new InetSocketAddress(address(text, host), port(text, text.substring(colon + 1)));
  }

  private static int port(String text, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "'" + FORM);
    }
    throw new TypeConversionException(
        "'" + text + "': the port must be 0 (any that is free) to 65535");
  }

  private static InetAddress address(String text, String host) {
    try {
      if (host.isEmpty()) {
        return InetAddress.getByAddress(new byte[4]);
      }
      return host.equals("localhost")
          ? InetAddress.getByName("127.0.0.1")
          : InetAddress.ofLiteral(host);
    } catch (UnknownHostException | IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "': " + host + " is not an IP address");
    }
  }
}
