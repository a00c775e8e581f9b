package org.springframework.vault.authentication;

/** As much of Spring Vault as the snippet calls. */
public class TokenAuthentication {
    public TokenAuthentication(String token) { }
}
