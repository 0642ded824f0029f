//! Calls that set the stage: not measured, each signed and answered before the next.

use std::fmt::Write as _;
use std::net::SocketAddr;

use serde_json::Value;

use crate::Result;
use crate::client::{Connection, Credentials, Protocol, STS, Service, signed};

/// One connection to a server.
pub(crate) struct Api {
    address: SocketAddr,
    connection: Connection,
}

impl Api {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        Ok(Self { address, connection: Connection::open(address)? })
    }

    /// Calls an operation of a service that speaks JSON.
    pub(crate) fn json(
        &mut self,
        who: &Credentials,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> Result<Value> {
        let answer = self.call(who, service, operation, &input.to_string())?;
        Ok(if answer.is_empty() { Value::Null } else { serde_json::from_str(&answer)? })
    }

    /// Calls an operation of a service that speaks the query protocol; the answer is XML.
    pub(crate) fn query(
        &mut self,
        who: &Credentials,
        service: Service,
        operation: &str,
        input: &[(&str, &str)],
    ) -> Result<String> {
        let Protocol::Query(version) = service.protocol else {
            return Err(format!("{} does not speak the query protocol", service.name).into());
        };
        let mut body = format!("Action={operation}&Version={version}");
        for (name, value) in input {
            body.push('&');
            body.push_str(name);
            body.push('=');
            percent_encode(value, &mut body);
        }
        self.call(who, service, operation, &body)
    }

    /// The credentials of a new session of a role.
    pub(crate) fn assume(&mut self, who: &Credentials, account: &str, role: &str) -> Result<Credentials> {
        let arn = format!("arn:aws:iam::{account}:role/{role}");
        let input = [("RoleArn", arn.as_str()), ("RoleSessionName", "bench")];
        let answer = self.query(who, STS, "AssumeRole", &input)?;
        Ok(Credentials {
            access_key_id: element(&answer, "AccessKeyId")?,
            secret: element(&answer, "SecretAccessKey")?,
            token: Some(element(&answer, "SessionToken")?),
        })
    }

    fn call(&mut self, who: &Credentials, service: Service, operation: &str, body: &str) -> Result<String> {
        let request = signed(self.address, who, service, operation, body)?;
        let (status, answer) = self.connection.call(&request)?;
        let answer = String::from_utf8(answer)?;
        if status != 200 {
            return Err(format!("{}:{operation} answered {status}: {answer}", service.name).into());
        }
        Ok(answer)
    }
}

/// The text of the first element of this name.
pub(crate) fn element(xml: &str, name: &str) -> Result<String> {
    let text = xml.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once("</"));
    let (text, _) = text.ok_or_else(|| format!("no {name} in {xml}"))?;
    Ok(text.to_owned())
}

/// A member of a JSON answer that is a text.
pub(crate) fn member(answer: &Value, pointer: &str) -> Result<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    Ok(text.ok_or_else(|| format!("no {pointer} in {answer}"))?.to_owned())
}

fn percent_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a String does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
