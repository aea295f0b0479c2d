"""The link to the relay, explained: each reason for being down asks for something else."""

from __future__ import annotations

from typing import Final

from agent.journal.explained.text import explained
from agent.journal.lines import Line

LINK: Final = {
    Line.LINK_UP: explained(
        """
        The reading corner is connected to its tutor

        If it was down before, the line says for how long. Nothing to do. Many of these in one day mean an
        unsteady network: look at the Wi-Fi signal, or use a cable.
        """,
        """
        El rincón de lectura está conectado con su tutor

        Si no había conexión, el mensaje dice por cuánto tiempo. No hay que hacer nada. Si aparece muchas
        veces en un día, la red es inestable: revise la señal de Wi-Fi o use un cable.
        """,
    ),
    Line.LINK_LOST: explained(
        """
        The connection to the tutor broke off

        The agent dials again by itself, and what a student was just saying is kept and sent again. Only if
        it happens often: look at the Wi-Fi signal, the access point and the school's router.

            nmcli device wifi list
        """,
        """
        Se cortó la conexión con el tutor

        El agente vuelve a conectarse por sí solo; lo que un estudiante estaba diciendo se guarda y se envía
        otra vez. Solo si ocurre con frecuencia: revise la señal de Wi-Fi, el punto de acceso y el router de
        la escuela.

            nmcli device wifi list
        """,
    ),
    Line.LINK_PLANNED: explained(
        """
        The relay ended a session as planned

        Relays limit how long a session lasts, or restart. The agent has dialled again at once and nobody
        noticed. Nothing to do.
        """,
        """
        El servidor cerró una sesión según lo previsto

        Los servidores limitan la duración de las sesiones o se reinician. El agente se conectó de nuevo
        enseguida y nadie lo notó. No hay que hacer nada.
        """,
    ),
    Line.NAME_NOT_FOUND: explained(
        """
        The name of the relay could not be resolved (DNS)

        The device has no network yet, its DNS server does not answer, or relay.url in the settings has a
        typing error. The agent keeps trying. If it lasts, ask these on the device:

            reading-corner config show
            getent hosts NAME-OF-THE-RELAY
            nmcli device show
        """,
        """
        No se pudo encontrar el nombre del servidor (DNS)

        El equipo todavía no tiene red, el servidor DNS no contesta o relay.url está mal escrito en la
        configuración. El agente sigue intentando. Si continúa, averigüe en el equipo:

            reading-corner config show
            getent hosts NOMBRE-DEL-SERVIDOR
            nmcli device show
        """,
    ),
    Line.UNREACHABLE: explained(
        """
        The relay can not be reached

        Its name is known, but nothing answers there in time: no way to the internet, a firewall that does
        not let TCP port 443 out, or a relay that is down. The agent keeps trying. If other devices in the
        school are online, see from this one what is wrong:

            reading-corner check
        """,
        """
        No se puede llegar al servidor

        Su nombre se conoce, pero nada contesta a tiempo: no hay salida a Internet, un cortafuegos bloquea el
        puerto TCP 443 o el servidor está caído. El agente sigue intentando. Si otros equipos de la escuela
        tienen Internet, vea desde este equipo qué ocurre:

            reading-corner check
        """,
    ),
    Line.TOKEN_REFUSED: explained(
        """
        The relay does not accept this device

        Its token was revoked, has expired, belongs to another relay, or another device uses it as well.
        Trying again will not help by itself. Issue a new token, write it to /etc/reading-corner/device-token,
        and restart the service, which gets its token from systemd when it starts:

            reading-corner-relay token issue --again --registry FILE --device NAME
            sudo systemctl restart reading-corner
        """,
        """
        El servidor no acepta este equipo

        Su credencial (token) fue revocada, venció, pertenece a otro servidor o también la usa otro equipo.
        Reintentar no basta. Emita una credencial nueva, escríbala en /etc/reading-corner/device-token y reinicie
        el servicio, que recibe su credencial de systemd al arrancar:

            reading-corner-relay token issue --again --registry ARCHIVO --device NOMBRE
            sudo systemctl restart reading-corner
        """,
    ),
    Line.TOKEN_ROTATED: explained(
        """
        The relay gave this device a new token

        Somebody asked for it at the relay (`reading-corner-relay token rotate`). The new token is kept in the
        service's own folder and is used from the next connection on; the old one ends when the new one is
        used for the first time. Nothing has to be done.
        """,
        """
        El servidor dio a este equipo una credencial (token) nueva

        Alguien la pidió en el servidor (`reading-corner-relay token rotate`). La credencial nueva se guarda en
        la carpeta propia del servicio y se usa desde la próxima conexión; la anterior deja de valer cuando se
        use la nueva por primera vez. No hay que hacer nada.
        """,
    ),
    Line.TOKEN_NOT_KEPT: explained(
        """
        A new token could not be written, the old one goes on

        The relay offered a new token, but the service's own folder (/var/lib/reading-corner) does not take it:
        @AGENT_WHY@. Look whether the card is full or read-only (`reading-corner check`). The old token stays
        valid; the relay offers again at the next connection.
        """,
        """
        No se pudo escribir la credencial (token) nueva; la anterior sigue valiendo

        El servidor ofreció una credencial nueva, pero la carpeta propia del servicio
        (/var/lib/reading-corner) no la acepta: @AGENT_WHY@. Mire si la tarjeta está llena o es de solo lectura
        (`reading-corner check`). La credencial anterior sigue valiendo; el servidor vuelve a ofrecer una nueva
        en la próxima conexión.
        """,
    ),
    Line.NO_TOKEN: explained(
        """
        This device has no token to show to the relay

        The line names the places that were looked at, and what is wrong with each. The device was not
        provisioned, or the file is not there or can not be read. Provision it, then restart the
        service, which gets its token from systemd when it starts. Never write a token into a ticket or a
        command line.
        """,
        """
        Este equipo no tiene credencial (token) para presentar al servidor

        El mensaje dice en qué lugares se buscó y qué problema hay en cada uno. El equipo no se ha preparado, o
        el archivo no existe o no se puede leer. Prepárelo y reinicie el servicio, que recibe su
        credencial de systemd al arrancar. Nunca escriba una credencial en una solicitud de ayuda ni en una
        línea de comandos.
        """,
    ),
    Line.LIMITED: explained(
        """
        The tutor has no more time for this device for now

        The relay says that a budget is used up or that too many devices ask at once. The ring shows "later",
        and the agent asks again when the relay wishes. If it comes back every day, raise the budget at the
        relay.
        """,
        """
        Por ahora el tutor no tiene más tiempo para este equipo

        El servidor indica que se agotó un presupuesto o que demasiados equipos preguntan a la vez. El anillo
        muestra «más tarde» y el agente pregunta de nuevo cuando el servidor lo indica. Si ocurre todos los
        días, aumente el presupuesto en el servidor.
        """,
    ),
    Line.CLOCK_BEHIND: explained(
        """
        The clock of this device is behind, and certificates seem not yet valid

        A Raspberry Pi has no clock battery; after power-on it needs a time server. The agent tries again
        every few seconds and never does without verification. If it lasts for minutes, let UDP port 123
        (NTP) out, or name the school's own time server:

            timedatectl timesync-status
        """,
        """
        El reloj está atrasado y los certificados parecen no ser válidos todavía

        Una Raspberry Pi no tiene batería para el reloj; al encenderse necesita un servidor de hora. El agente
        reintenta cada pocos segundos y nunca omite la verificación. Si pasan varios minutos, permita la salida
        del puerto UDP 123 (NTP) o indique el servidor de hora de la escuela:

            timedatectl timesync-status
        """,
    ),
    Line.CERTIFICATE: explained(
        """
        Something on the way to the relay shows a certificate that is not trusted

        Most often a filter or proxy of the school opens encrypted connections to inspect them. The agent
        does not talk to it: what children say is for the tutor only. Exempt the relay's name from
        inspection. If the relay is the district's own, its certificate may have expired or come from an
        authority that this device does not know. What is shown can be seen with:

            openssl s_client -connect NAME-OF-THE-RELAY:443 -brief
        """,
        """
        Algo en el camino presenta un certificado que no es de confianza

        Lo más común es que un filtro o proxy de la escuela abra las conexiones cifradas para inspeccionarlas.
        El agente no habla con él: lo que dicen los niños es solo para el tutor. Excluya de la inspección el
        nombre del servidor. Si el servidor es del distrito, es posible que su certificado haya vencido o que
        lo haya emitido una autoridad que este equipo no conoce. Para ver lo que se presenta:

            openssl s_client -connect NOMBRE-DEL-SERVIDOR:443 -brief
        """,
    ),
    Line.PORTAL: explained(
        """
        A sign-in page answers instead of the relay (captive portal)

        The network wants somebody to accept its terms in a browser first, and this device has none. Have
        its address exempted by whoever runs the network, or use a network without such a page. The hardware
        address is shown by:

            ip link show
        """,
        """
        Contesta una página de acceso en lugar del servidor (portal cautivo)

        La red exige que alguien acepte sus condiciones en un navegador, y este equipo no tiene uno. Pida a
        quien administra la red que exima la dirección de este equipo o use una red sin esa página. Para ver
        la dirección física:

            ip link show
        """,
    ),
    Line.MISCONFIGURED: explained(
        """
        The tutor's service refuses what the session was configured with

        The relay sets model, voice and instructions; the device does not. Most often a model was retired.
        Correct the relay's settings; all its devices are affected.
        """,
        """
        El servicio del tutor rechaza la configuración de la sesión

        El servidor fija el modelo, la voz y las instrucciones; el equipo no. Lo más común es que un modelo
        ya no exista. Corrija la configuración del servidor; todos sus equipos están afectados.
        """,
    ),
    Line.SILENT: explained(
        """
        The relay took the connection and then said nothing

        It is overloaded, half started, or the address belongs to something that is no relay. The agent
        keeps trying. If it lasts, look at the relay, and at relay.url in the settings:

            reading-corner config show
        """,
        """
        El servidor aceptó la conexión y luego no dijo nada

        Está sobrecargado, a medio arrancar, o la dirección pertenece a otra cosa. El agente sigue intentando.
        Si continúa, revise el servidor y relay.url en la configuración:

            reading-corner config show
        """,
    ),
}
"""By the kind of line."""
